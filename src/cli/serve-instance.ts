/** `portcullis serve`: a primary and its workers, from the first socket to the exit status. */

import packageJson from '../../package.json' with { type: 'json' };
import { processEnvironment } from '../config/environment.ts';
import type { RightConfiguration } from '../config/load.ts';
import { takePlace } from '../instance/host.ts';
import { type Instance, startInstance } from '../instance/instance.ts';
import { printable } from '../terminal/output.ts';
import { serviceManager } from '../workers/host/service-manager.ts';
import type { PrimaryEnd } from '../workers/primary-types.ts';
import type { Arguments } from './command.ts';
import type { EarlySignals } from './early-signals.ts';
import { exitCodes } from './exit-codes.ts';
import { obeySignals, type Running, stopSecondsMax } from './instance-signals.ts';
import { openSource, type ServeSource } from './serve-source.ts';
import { openServerLog } from './server-log.ts';

/** @returns the exit status */
export async function serveInstance(args: Arguments, early: EarlySignals): Promise<number> {
  using source = await openSource(args);
  try {
    return await serveFrom(source, early);
  } catch (error) {
    source.failed(error);
    throw error;
  }
}

async function serveFrom(source: ServeSource, early: EarlySignals): Promise<number> {
  const loaded = await source.first();
  await using opened = new AsyncDisposableStack();
  early.holdStops();
  const place = await takePlace(loaded.configuration.process, opened);
  const { vassal } = source;
  const { log: plain, destination } = openServerLog(loaded.configuration.log, opened, place.owner);
  const log = vassal === undefined ? plain : plain.child({ vassal });
  const environment = processEnvironment();
  const manager = serviceManager(environment, process.pid, log);
  opened.defer(() => manager.flush());
  const logLinesLost = (): number => destination.linesLost;
  const instance = opened.use(
    await startInstance(loaded, { vassal, log, place, environment, logLinesLost }),
  );
  const running: Running = { source, log, destination, manager, instance };
  using signals = obeySignals(running);
  early.replay();
  if (await instance.primary.ready) tellReadiness(running, loaded);
  using _watchdog = manager.feedWatchdog(() => isServing(instance));
  const end = await instance.done;
  if (end.cause === 'cannot-start') {
    process.stderr.write(`Cannot start, because no worker can:\n${printable(end.reason)}\n`);
    source.failed(new Error(end.reason));
  }
  log.info('stopped');
  return signals.exitCode ?? exitCodeOf(end);
}

function tellReadiness(
  { source, log, manager, instance }: Running,
  { configuration }: RightConfiguration,
): void {
  const { addresses, monitor, primary } = instance;
  const workers = primary.view().workers.length;
  log.info('ready', {
    addresses,
    ...monitor,
    workers,
    version: packageJson.version,
    pid: process.pid,
    configuration: configuration.file,
  });
  manager.ready(`${workers} workers serve`);
  source.ready(addresses, stopSecondsMax(primary));
}

/** A watchdog that is not fed restarts everything: one pool that serves is a reason not to. */
function isServing({ primary }: Instance): boolean {
  const { state, pools } = primary.view();
  return state === 'stopping' || pools.some(({ serving }) => serving > 0);
}

function exitCodeOf(end: PrimaryEnd): number {
  switch (end.cause) {
    case 'drained':
      return exitCodes.ok;
    case 'interrupted':
      return exitCodes.interrupted;
    case 'cannot-start':
      return end.exitCode ?? exitCodes.software;
  }
}
