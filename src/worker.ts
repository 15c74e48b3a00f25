/**
 * A worker process: what the primary starts. It is told what it is over its channel, serves on the
 * sockets that it has inherited, and ends when it is told to, or when the primary is gone.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };
import { type Application, createApplication } from './application.ts';
import type { Configuration, PoolConfiguration } from './config/configuration.ts';
import {
  type ConfigurationSnapshot,
  loadConfiguration,
  type RightConfiguration,
  requireRight,
} from './config/load.ts';
import { withPlaces } from './config/problems.ts';
import { defectExitStatus, exitStatusOf, messageOf, PortcullisError } from './errors.ts';
import type { WorkerPayload } from './instance/plan.ts';
import { createLogger, type Logger } from './log.ts';
import { type LogDestination, openLogDestination } from './log-destination.ts';
import { startWatchdog } from './worker-watchdog.ts';
import { openChannel, type WorkerChannel } from './workers/channel.ts';

/** How long running requests go on when the primary is gone, milliseconds: all ends in a second. */
const orphanMs = 600;

/** How long the lines of the log may take to leave then, milliseconds. */
const orphanLogMs = 200;

/** @returns the exit status */
async function runWorker(): Promise<number> {
  ignoreSignals();
  try {
    return await serveFor(await openChannel());
  } catch (error) {
    process.stderr.write(`${describeFailure(error)}\n`);
    return exitStatusOf(error);
  }
}

async function serveFor(channel: WorkerChannel): Promise<number> {
  const { worker: number, pool } = channel.start;
  process.title = `portcullis: worker ${number} (${pool})`;
  const ending = new Ending(channel);
  try {
    await using opened = new AsyncDisposableStack();
    const worker = await Promise.race([startWorker(channel, opened, ending), ending.defect]);
    return await serveToTheEnd(channel, opened.move(), worker, ending);
  } catch (error) {
    await channel.failed(describeFailure(error), exitStatusOf(error));
    return exitStatusOf(error);
  }
}

interface RunningWorker {
  readonly application: Application;
  readonly log: Logger;
  readonly destination: LogDestination;
}

/** @param opened gets what has to be closed in the end */
async function startWorker(
  { start }: WorkerChannel,
  opened: AsyncDisposableStack,
  ending: Ending,
): Promise<RunningWorker> {
  const { worker, sockets, primary, silenceSeconds } = start;
  const { snapshot, vassal } = start.payload as WorkerPayload;
  const { configuration, locate } = await readSnapshot(snapshot);
  const { level, file } = configuration.log;
  const destination = opened.use(openLogDestination(file));
  const write = (line: string): void => destination.write(line);
  const labels = vassal === undefined ? { worker } : { vassal, worker };
  const log = createLogger({ level, write }).child(labels);
  const onLost = (error: Error): void => ending.meet(error);
  opened.use(await startWatchdog({ primary, silenceSeconds, labels, logFile: file, onLost }));
  const pool = poolNamed(start.pool, configuration);
  const logLinesLost = (): number => destination.linesLost;
  const parts = { log, pool, sockets, logLinesLost };
  const application = opened.use(await withPlaces(locate, createApplication(configuration, parts)));
  await application.listen();
  return { application, log, destination };
}

/** @throws ConfigurationProblems: the code may have changed since the primary read the same text */
async function readSnapshot(snapshot: ConfigurationSnapshot): Promise<RightConfiguration> {
  return requireRight(await loadConfiguration(snapshot));
}

function poolNamed(name: string, { pools }: Configuration): PoolConfiguration {
  const pool = pools.find((each) => each.name === name);
  if (pool !== undefined) return pool;
  throw new PortcullisError('CONFIG_INVALID', `Cannot start: there is no pool ${name}`);
}

async function serveToTheEnd(
  channel: WorkerChannel,
  opened: AsyncDisposableStack,
  { application, log, destination }: RunningWorker,
  ending: Ending,
): Promise<number> {
  channel.onReopenLog(() => destination.reopen());
  channel.ready(application.addresses, packageJson.version, () => application.report());
  const end = await ending.begun;
  if (end.cause === 'defect') {
    log.error('worker stopping after a defect', { reason: messageOf(end.error), error: end.error });
  }
  await Promise.race([application.close(), ending.orphaned.then(() => sleep(orphanMs))]);
  channel.close();
  await Promise.race([opened.disposeAsync(), ending.orphaned.then(() => sleep(orphanLogMs))]);
  return end.cause === 'defect' ? defectExitStatus : 0;
}

type End =
  | { readonly cause: 'drained' | 'orphaned' }
  | { readonly cause: 'defect'; readonly error: unknown };

/** Why the worker is to end; the first cause counts. */
class Ending {
  readonly #begun = Promise.withResolvers<End>();
  readonly #orphaned = Promise.withResolvers<void>();
  readonly #defect = Promise.withResolvers<never>();

  constructor(channel: WorkerChannel) {
    this.#defect.promise.catch(() => {});
    const drain = (): void => this.#begun.resolve({ cause: 'drained' });
    channel.onDrain(drain);
    // From outside, as by systemd's KillMode=control-group: the primary has got it as well.
    process.on('SIGTERM', drain);
    channel.onOrphaned(() => {
      this.#begun.resolve({ cause: 'orphaned' });
      this.#orphaned.resolve();
    });
    process.on('uncaughtException', (error) => this.meet(error));
  }

  get begun(): Promise<End> {
    return this.#begun.promise;
  }

  /** Resolves when there is no more time to lose. */
  get orphaned(): Promise<void> {
    return this.#orphaned.promise;
  }

  /** Rejects with the first error that nobody has caught. */
  get defect(): Promise<never> {
    return this.#defect.promise;
  }

  meet(error: unknown): void {
    this.#begun.resolve({ cause: 'defect', error });
    this.#defect.reject(error);
  }
}

/** A terminal or a service manager signals whole groups. What becomes of a worker the primary says. */
function ignoreSignals(): void {
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTTIN', 'SIGTTOU'] as const) {
    process.on(signal, () => {});
  }
}

/** Why the worker cannot start, as the operator should read it. */
function describeFailure(error: unknown): string {
  return error instanceof PortcullisError ? error.message : inspect(error);
}

if (import.meta.main) process.exit(await runWorker());
