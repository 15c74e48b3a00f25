/** What systemd is told of us, over the socket that it names in NOTIFY_SOCKET (sd_notify(3)). */

import type { Logger } from '../../log.ts';
import type { Environment } from '../sockets/passed-sockets.ts';
import { findNotifier, type Notify, startNotifier } from './systemd-notify.ts';
import { watchdogInterval } from './watchdog-interval.ts';

export interface ServiceManager {
  ready(status: string): void;
  reloading(status: string): void;
  stopping(status: string): void;
  /** Asks for `seconds` more, from now, to start, reload or stop. */
  extendTimeout(seconds: number): void;
  /**
   * Feeds systemd's watchdog twice in its time as long as `isHealthy` says so, if the unit has one.
   * Disposed of, it feeds no more.
   */
  feedWatchdog(isHealthy: () => boolean): Disposable;
  /** Resolves when all that was said has arrived. */
  flush(): Promise<void>;
}

/** Variables that belong to the process that systemd has started, and to none that it starts. */
const ownVariables: ReadonlySet<string> = new Set([
  'LISTEN_FDNAMES',
  'LISTEN_FDS',
  'LISTEN_PID',
  'NOTIFY_SOCKET',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
]);

/** The environment for workers, without what is meant for this process alone. */
export function environmentForWorkers(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !ownVariables.has(name)),
  );
}

/**
 * Who started us, if it wants to hear. Without NOTIFY_SOCKET it does not, and nothing happens.
 *
 * The messages are sent by the program systemd-notify, because Node has no datagram sockets in the
 * file system: the unit needs `NotifyAccess=all`.
 *
 * @throws PortcullisError START_REFUSED when there is no such program, or WATCHDOG_USEC is no time
 */
export function serviceManager(environment: Environment, pid: number, log: Logger): ServiceManager {
  const socket = environment.NOTIFY_SOCKET;
  if (socket === undefined || socket === '') return silent;
  const program = findNotifier(environment.PATH);
  const watchdogMs = watchdogInterval(environment, pid);
  const notifier = startNotifier(program, socket, log);
  return { ...messages(notifier.notify), ...watchdog(notifier.notify, watchdogMs), ...notifier };
}

function messages(notify: Notify) {
  return {
    ready: (status: string) => void notify({ READY: '1', STATUS: status }),
    reloading: (status: string) =>
      void notify({ RELOADING: '1', MONOTONIC_USEC: monotonicMicroseconds(), STATUS: status }),
    stopping: (status: string) => void notify({ STOPPING: '1', STATUS: status }),
    extendTimeout: (seconds: number) =>
      void notify({ EXTEND_TIMEOUT_USEC: String(Math.ceil(seconds * 1_000_000)) }),
  };
}

function watchdog(notify: Notify, intervalMs: number | undefined) {
  return {
    feedWatchdog: (isHealthy: () => boolean): Disposable => {
      if (intervalMs === undefined) return { [Symbol.dispose]: () => {} };
      let isSending = false;
      const timer = setInterval(async () => {
        // What systemd does not read must not pile up here.
        if (isSending || !isHealthy()) return;
        isSending = true;
        await notify({ WATCHDOG: '1' });
        isSending = false;
      }, intervalMs);
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
  };
}

/** Of CLOCK_MONOTONIC, which is what node:process's hrtime reads on Linux. */
function monotonicMicroseconds(): string {
  return String(process.hrtime.bigint() / 1000n);
}

const silent: ServiceManager = {
  ready: () => {},
  reloading: () => {},
  stopping: () => {},
  extendTimeout: () => {},
  feedWatchdog: () => ({ [Symbol.dispose]: () => {} }),
  flush: async () => {},
};
