/** Timers that run in the background, or refuse to be started. */

import { PortcullisError } from '../errors.ts';

/** The longest time of a timer, in seconds: node:timers makes one millisecond of what is longer. */
export const timerSecondsMax = 2_147_483;

/**
 * Calls `work` every `seconds` until it is disposed of.
 *
 * @param name the setting, for the message
 * @throws PortcullisError CONFIG_INVALID for what would never run or never rest
 */
export function every(name: string, seconds: number, work: () => void): Disposable {
  requireTimerSeconds(name, seconds);
  const timer = setInterval(work, seconds * 1000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** @throws PortcullisError CONFIG_INVALID unless it is at least a millisecond, and one a timer has */
export function requireTimerSeconds(name: string, seconds: number): void {
  if (seconds >= 0.001 && seconds <= timerSecondsMax) return;
  throw new PortcullisError(
    'CONFIG_INVALID',
    `Cannot run the plan: ${name} is ${seconds}; it has to be from 0.001 to ${timerSecondsMax} seconds`,
  );
}
