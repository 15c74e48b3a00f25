/** `portcullis status`. */

import { processEnvironment } from '../../config/environment.ts';
import { listenAddress } from '../../config/kinds/network.ts';
import { Place, show } from '../../config/place.ts';
import type { ListenAddress } from '../../listen-address.ts';
import type { PortcullisStatus } from '../../metrics/portcullis-status.ts';
import { printable } from '../../terminal/output.ts';
import { usage } from '../arguments.ts';
import type { Arguments, Command } from '../command.ts';
import { requireConfiguration } from '../configured.ts';
import { exitCodes } from '../exit-codes.ts';
import { emperorLines } from '../status/emperor-table.ts';
import { watchStatus } from '../status/live.ts';
import type { EmperorView } from '../status/parse-emperor.ts';
import { readStatus, type StatusReading } from '../status/read-status.ts';
import { statusLines } from '../status/table.ts';

export const status: Command = {
  name: 'status',
  summary: 'shows what a running Portcullis is doing',
  synopsis: '',
  description: [
    'Reads the statistics of a running instance from monitor.stats.address and shows its workers: what each is doing, since when, how many requests it has served and how fast, how busy it is, its memory, and how often it was replaced. In a terminal the table is drawn anew every second, until q or Ctrl-C; elsewhere it is written once.',
    'Of an emperor, whose --stats address is given with --address, it shows the vassals: what each is doing, its process, and why it does not run or runs with an older configuration.',
    'It needs nothing but the right to connect to that socket.',
  ],
  options: {
    address: {
      value: 'ADDRESS',
      text: 'Reads the statistics there, as unix:/run/portcullis/stats.sock, and no configuration; so it works while the configuration has mistakes.',
    },
    json: {
      text: 'Writes the status as one JSON object, once. docs/monitoring.md has its fields.',
    },
  },
  isConfigured: true,
  words: { min: 0, max: 0 },
  exitStatus: {
    [exitCodes.ok]: 'Every pool can take requests; every vassal serves its newest configuration.',
    [exitCodes.refused]:
      'A pool cannot take requests, the instance is stopping, or a vassal does not serve its newest configuration.',
    [exitCodes.unavailable]: 'Nothing that is Portcullis answers there.',
  },
  examples: [
    { text: 'Watches the workers:', line: 'portcullis status' },
    {
      text: 'Which workers use more than 500 MB?',
      line: "portcullis status --json | jq '.workers[] | select(.memoryBytes > 5e8)'",
    },
    {
      text: 'How are the vassals?',
      line: 'portcullis status --address unix:/run/portcullis/emperor.sock',
    },
  ],
  run: async (args) => {
    const address = await addressOf(args);
    if (address === undefined) {
      process.stderr.write(`${notConfigured}\n`);
      return exitCodes.unavailable;
    }
    const isWatched = !args.options.has('json') && isLiveTerminal();
    const reading = isWatched
      ? await watchStatus((signal) => readStatus(address, { signal }), {
          input: process.stdin,
          output: process.stdout,
        })
      : await readStatus(address);
    if ('problem' in reading) process.stderr.write(`${printable(reading.problem)}\n`);
    else if (!isWatched) process.stdout.write(textOf(reading, args));
    return exitCodeFor(reading);
  },
};

const notConfigured =
  'Cannot read the status: the configuration has no monitor.stats; monitor.stats.address, as unix:/run/portcullis/stats.sock, turns it on';

async function addressOf(args: Arguments): Promise<ListenAddress | undefined> {
  const given = args.options.get('address');
  if (given !== undefined) return parseAddress(given);
  const { configuration } = await requireConfiguration(args);
  return configuration.monitor.stats?.address;
}

/** @throws PortcullisError USAGE */
function parseAddress(text: string): ListenAddress {
  const address = listenAddress.parse(text, new Place('', process.cwd(), []));
  if (address !== undefined) return address;
  throw usage(status, `Cannot use --address=${show(text)}: expected ${listenAddress.expected}`);
}

function isLiveTerminal(): boolean {
  return process.stdout.isTTY && processEnvironment().TERM !== 'dumb';
}

function textOf(reading: Answered, args: Arguments): string {
  if (args.options.has('json')) return `${JSON.stringify(viewOf(reading), undefined, 2)}\n`;
  const now = new Date();
  const lines =
    'status' in reading
      ? statusLines(reading.status, new Map(), now)
      : emperorLines(reading.emperor, now);
  return `${lines.join('\n')}\n`;
}

type Answered = Exclude<StatusReading, { problem: string }>;

function viewOf(reading: Answered): PortcullisStatus | EmperorView {
  return 'status' in reading ? reading.status : reading.emperor;
}

function exitCodeFor(reading: StatusReading): number {
  if ('problem' in reading) return exitCodes.unavailable;
  return viewOf(reading).ready ? exitCodes.ok : exitCodes.refused;
}
