/**
 * `npm start`: serves a sample repository from this checkout, with all that belongs to it in var/.
 *
 * Removing var/ starts over.
 */

import { once } from 'node:events';
import path from 'node:path';
import type { Configuration } from '../../src/config/configuration.ts';
import { messageOf } from '../../src/errors.ts';
import { writeAdminClient, writeDnfClient } from './clients.ts';
import { configurationFile, missingFrom } from './directory.ts';
import { instructions, type SampleFacts } from './instructions.ts';
import { prepareNginx } from './nginx.ts';
import { planStart } from './plan.ts';
import {
  answering,
  ended,
  refuseOccupied,
  type Server,
  startServer,
  stopServer,
} from './processes.ts';
import { sampleFiles, setUp } from './setup.ts';

const root = path.resolve(import.meta.dirname, '../..');
const directory = path.join(root, 'var');
const portcullis = path.join(root, 'src/cli/main.ts');

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => stopping.abort());
}
try {
  await main(stopping.signal);
} catch (error) {
  // Our own errors are sentences; the system's, as of a disk that is full or read-only, are not.
  const isSystems = (error as NodeJS.ErrnoException).syscall !== undefined;
  console.error(`${isSystems ? 'Cannot start the sample: ' : ''}${messageOf(error)}`);
  process.exitCode = 1;
} finally {
  stopping.abort();
}

async function main(signal: AbortSignal): Promise<void> {
  const file = path.join(directory, configurationFile);
  const passwords = await setUp(directory);
  for (const name of missingFrom(directory, sampleFiles)) {
    console.error(`var/${name} is missing; without var/ the next start makes all of it anew`);
  }
  const { configuration, port, addresses, flags } = await planStart(file);
  await refuseOccupied(addresses);
  if (flags.length > 0) console.log(`The port of ${file} is taken: this time it is ${port}`);
  writeDnfClient(directory, port);
  writeAdminClient(directory, port);
  const hasFront = configuration.listen.tls === undefined;
  const nginx = hasFront ? prepareNginx(directory, configuration) : undefined;
  if (signal.aborted) return;

  const stop = once(signal, 'abort');
  const servers: Server[] = [];
  try {
    const args = [portcullis, 'serve', '--config', file, ...flags];
    servers.push(startServer('Portcullis', process.execPath, args));
    if (nginx !== undefined) servers.push(startServer('nginx', nginx.program, nginx.args));
    const failure = Promise.race(servers.map(ended));
    await Promise.race([stop, failure, answering(port, signal)]);
    if (signal.aborted) return;
    console.log(instructions(factsOf(configuration, port), passwords));
    await Promise.race([stop, failure]);
  } finally {
    // nginx first, so that no request finds nobody behind it.
    for (const server of servers.toReversed()) await stopServer(server);
  }
}

function factsOf({ monitor, pools }: Configuration, port: number): SampleFacts {
  return {
    port,
    isRoot: process.getuid?.() === 0,
    hasStats: monitor.stats !== undefined,
    hasApi: pools.some(({ roles }) => roles.includes('api')),
  };
}
