/** What the signals to a primary do. */

import type { Instance } from '../instance/instance.ts';
import type { Logger } from '../log.ts';
import type { LogDestination } from '../log-destination.ts';
import { drainSecondsMax } from '../workers/decisions/timing.ts';
import type { ServiceManager } from '../workers/host/service-manager.ts';
import type { Primary } from '../workers/primary-types.ts';
import type { ServeSource } from './serve-source.ts';
import { onStop } from './stop-signals.ts';

export interface Running {
  readonly source: ServeSource;
  readonly log: Logger;
  readonly destination: LogDestination;
  readonly manager: ServiceManager;
  readonly instance: Instance;
}

export interface ObeyedSignals extends Disposable {
  /** What the process is to exit with; undefined while nothing has asked it to end. */
  readonly exitCode: number | undefined;
}

/** What a stop may take behind the end of the last worker, seconds: the log, sockets, messages. */
const lastSeconds = 5;

/** The longest that a drain of the whole instance takes, seconds. */
export function stopSecondsMax({ plan }: Primary): number {
  return drainSecondsMax(plan.supervision) + lastSeconds;
}

export function obeySignals(running: Running): ObeyedSignals {
  const { source, log, destination, manager, instance } = running;
  const { primary } = instance;
  source.follow(instance);
  let exitCode: number | undefined;
  const stopping = onStop(log, (how, code) => {
    exitCode = code;
    manager.stopping(how === 'drain' ? 'requests that run may end' : 'ending at once');
    if (how === 'drain') {
      // What is longer than TimeoutStopSec= of the unit would be cut off there.
      manager.extendTimeout(stopSecondsMax(primary));
      primary.drain();
    } else primary.interrupt();
  });
  const handlers = {
    SIGHUP: () => void reload(running),
    SIGUSR1: () => {
      destination.reopen();
      primary.reopenLogs();
    },
    SIGTTIN: () => void primary.addWorker(),
    SIGTTOU: () => void primary.removeWorker(),
  };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  return {
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]: () => {
      stopping[Symbol.dispose]();
      for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
    },
  };
}

/** systemd waits for the second `ready` before it goes on to the next reload. */
async function reload({ source, manager, instance }: Running): Promise<void> {
  manager.reloading('new workers take the place of the old ones');
  const outcome = await instance.reload(() => source.again());
  if (outcome.outcome === 'superseded') return;
  manager.ready(
    outcome.outcome === 'done' ? 'reloaded' : 'the reload was refused: the old workers serve on',
  );
}
