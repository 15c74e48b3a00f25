/**
 * An instance: one primary with its workers, sockets, pid file and monitor, made from a configuration.
 * It is brought up step by step in the order of `startInstance`, and down in the reverse.
 */

import path from 'node:path';
import type { Configuration } from '../config/configuration.ts';
import { type LoadedConfiguration, type RightConfiguration, requireRight } from '../config/load.ts';
import { describeAddress } from '../listen-address.ts';
import type { Logger } from '../log.ts';
import { createAggregate } from '../metrics/aggregate.ts';
import { environmentForWorkers } from '../workers/host/service-manager.ts';
import { startPrimary } from '../workers/primary.ts';
import type { Primary, PrimaryEnd, ReloadOutcome } from '../workers/primary-types.ts';
import { backlogWarning, queueMax } from '../workers/sockets/bind.ts';
import { BoundSockets } from '../workers/sockets/bound-sockets.ts';
import { type Environment, passedSockets } from '../workers/sockets/passed-sockets.ts';
import type { HostPlace } from './host.ts';
import { type Monitor, openMonitor } from './monitor.ts';
import { planOf } from './plan.ts';
import { namedSockets, statusOf } from './status.ts';

export interface InstanceParts {
  /** Its name, where an emperor has started it. */
  readonly vassal: string | undefined;
  readonly log: Logger;
  readonly place: HostPlace;
  /** Of this process, as it was started. */
  readonly environment: Environment;
  /** Lines that the log of the primary has lost so far. */
  readonly logLinesLost: () => number;
}

export interface Instance extends AsyncDisposable {
  /** Where it listens, as `unix:/run/portcullis/content.sock`. */
  readonly addresses: readonly string[];
  readonly monitor: Monitor['addresses'];
  readonly primary: Primary;
  /** Replaces the workers by those of what `load` gives once it is this reload's turn. */
  reload(load: () => Promise<LoadedConfiguration>): Promise<ReloadOutcome>;
  readonly done: Promise<PrimaryEnd>;
}

/**
 * Binds the sockets, gives up root, and starts the workers.
 *
 * @throws PortcullisError LISTEN_FAILED, START_REFUSED; nothing is left behind then
 */
export async function startInstance(
  loaded: RightConfiguration,
  { vassal, log, place, environment, logLinesLost }: InstanceParts,
): Promise<Instance> {
  const { configuration } = loaded;
  const startedAt = new Date();
  const { directory, findOwner } = place;
  await using opened = new AsyncDisposableStack();
  const warn = (sentence: string): void => log.warn(sentence);
  const passed = passedSockets(environment, process.pid);
  const sockets = opened.adopt(new BoundSockets({ directory, passed, warn }), (set) => set.close());
  const plan = planOf(loaded, findOwner, vassal);
  await sockets.open(plan);

  const aggregate = createAggregate();
  let running: Primary | undefined;
  const status = () =>
    statusOf({
      ...{ primary: running, firstPlan: plan, sockets, startedAt },
      ...{ logLinesLost: logLinesLost(), queueMax: queueMax() },
    });
  const monitor = opened.use(
    await openMonitor(configuration.monitor, {
      ...{ log, status, aggregate, directory, findOwner },
    }),
  );

  const warning = backlogWarning();
  if (warning !== undefined) warn(warning);
  place.settle(warn);

  const primary = startPrimary(plan, {
    program: {
      command: process.execPath,
      // Before a worker hears signals, SIGUSR1 would have Node open a debugger to every local user.
      args: ['--disable-sigusr1', workerProgram],
      environment: environmentForWorkers(environment),
    },
    ...{ sockets, log },
    onWorkerEnded: (report, worker) => aggregate.retire({ ...worker, report }),
  });
  running = primary;
  const owned = opened.move();
  return {
    get addresses() {
      return namedSockets(primary.plan, sockets).map(({ address }) => describeAddress(address));
    },
    monitor: monitor.addresses,
    primary,
    reload: (load) =>
      primary.reload(async () => {
        const again = requireRight(await load());
        warnOfRestart(configuration, again.configuration, log);
        return planOf(again, findOwner, vassal);
      }),
    done: primary.done,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const workerProgram = path.join(import.meta.dirname, '../worker.ts');

/** What the primary has taken at its start, a reload does not change. */
function warnOfRestart(before: Configuration, after: Configuration, log: Logger): void {
  const groups = ['process', 'monitor', 'log'] as const;
  const changed = groups.filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  if (changed.length === 0) return;
  log.warn('Some settings have changed that the primary takes up at its next start only', {
    settings: changed,
  });
}
