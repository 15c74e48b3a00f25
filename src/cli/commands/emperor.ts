/** `portcullis emperor`. */

import path from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { processEnvironment } from '../../config/environment.ts';
import { vassalEnvironment } from '../../emperor/vassal-environment.ts';
import type { VassalCommand } from '../../emperor/vassal-process.ts';
import { createLogger, type Logger } from '../../log.ts';
import { openLogDestination } from '../../log-destination.ts';
import { sameOwner } from '../../workers/plan.ts';
import type { Arguments, Command } from '../command.ts';
import { type EarlySignals, holdSignals } from '../early-signals.ts';
import { emperorOptions, readEmperorOptions } from '../emperor-options.ts';
import { obeyAsEmperor } from '../emperor-signals.ts';
import { exitCodes } from '../exit-codes.ts';

export const emperor: Command = {
  name: 'emperor',
  summary: 'runs an instance for each file of a directory',
  synopsis: 'DIR',
  description: [
    'Each file of DIR whose name ends with .yaml, .yml or .json and does not begin with a dot is the configuration of a vassal: a `portcullis serve` of its own. A file that appears starts one, a file that changes (its content, its times, its inode) reloads it, a file that is gone stops it. A vassal that ends by itself is started again after a wait that doubles each time. docs/emperor.md has the whole.',
    'A configuration names code. So DIR has to belong to root or to the user of the emperor and to be writable by nobody else, and the same holds for each file. With --tyrant DIR belongs to root, and each vassal runs as the owner and group of its file.',
    'SIGHUP reloads every vassal, SIGTERM lets requests end and stops, SIGINT and a second SIGTERM stop at once, SIGUSR1 has every vassal open its log anew. No vassal outlives the emperor, however it ends.',
  ],
  options: emperorOptions,
  isConfigured: false,
  words: { min: 1, max: 1 },
  exitStatus: {
    [exitCodes.unavailable]:
      'DIR may not be ruled, another emperor rules it, the pid file is held, or --stats cannot listen.',
    [exitCodes.interrupted]: 'SIGINT or a second SIGTERM ended it at once.',
  },
  examples: [
    { text: 'Rules a directory:', line: 'portcullis emperor /etc/portcullis/vassals' },
    {
      text: 'With a vassal for each user, run by that user:',
      line: 'portcullis emperor --tyrant --stats unix:/run/portcullis/emperor.sock /etc/portcullis/vassals',
    },
  ],
  run: async (args) => {
    const early = holdSignals();
    await using destination = openLogDestination(undefined);
    const log = createLogger({ level: 'info', write: (line) => destination.write(line) });
    return await rule(args, log, early);
  },
};

async function rule(args: Arguments, log: Logger, early: EarlySignals): Promise<number> {
  const { directory, isTyrant, settings, pidFile, stats } = readEmperorOptions(emperor, args);
  // Loaded when it is needed: a manual needs none of it.
  const { startEmperor } = await import('../../emperor/start-emperor.ts');
  const { serveEmperorStats } = await import('../emperor-stats-server.ts');
  const { holdPidFile } = await import('../../workers/host/pid-file.ts');
  await using held = new AsyncDisposableStack();
  early.holdStops();
  if (pidFile !== undefined) {
    const claim = await holdPidFile(pidFile, { owner: sameOwner, directoryMode: 0o755 });
    held.defer(() => {
      claim.release();
    });
  }
  const command = vassalCommand(isTyrant);
  await using ruler = await startEmperor({ directory, isTyrant, settings, command, log });
  const ended = obeyAsEmperor(ruler, log);
  early.replay();
  if (stats !== undefined) held.use(await serveEmperorStats(stats, ruler, log));
  log.info('ready', { directory, isTyrant, version: packageJson.version, pid: process.pid });
  const code = await ended;
  log.info('stopped');
  return code;
}

const program = path.join(import.meta.dirname, '../main.ts');

function vassalCommand(isTyrant: boolean): VassalCommand {
  return {
    program: process.execPath,
    args: [program, 'serve', '--vassal'],
    environment: vassalEnvironment(processEnvironment(), isTyrant),
  };
}
