/** How often systemd's watchdog wants to be fed (sd_watchdog_enabled(3)). */

import { PortcullisError } from '../../errors.ts';
import type { Environment } from '../sockets/passed-sockets.ts';

/** More often than asked for does no harm, and a timer of Node's cannot wait for more than 24 days. */
export const watchdogIntervalMsMax = 3_600_000;

/**
 * Half of its time, milliseconds; undefined when there is none for process `pid`.
 *
 * @throws PortcullisError START_REFUSED when WATCHDOG_USEC is no time: unfed, it would kill us
 */
export function watchdogInterval(environment: Environment, pid: number): number | undefined {
  const { WATCHDOG_USEC: microseconds, WATCHDOG_PID: meant } = environment;
  if (microseconds === undefined || (meant !== undefined && meant !== String(pid))) {
    return undefined;
  }
  if (!/^[1-9]\d{0,19}$/.test(microseconds)) {
    throw new PortcullisError(
      'START_REFUSED',
      `Cannot feed the service manager's watchdog: WATCHDOG_USEC is ${microseconds}, and should be a number of microseconds`,
    );
  }
  const halfMs = Number(microseconds) / 2000;
  return Math.min(Math.max(halfMs, 1), watchdogIntervalMsMax);
}
