/**
 * A wall clock that a test moves while real processes run by it. Loaded before a program by `--import`,
 * it adds the milliseconds in a file to every time that `Date` tells; the monotonic clock stays as it is.
 */

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const variable = 'TEST_CLOCK_OFFSET_FILE';

/** The environment of a primary whose clock, and that of its workers, is moved by `file`. */
export function withClock(file: string): NodeJS.ProcessEnv {
  const load = `--import=${pathToFileURL(import.meta.filename).href}`;
  return { ...process.env, NODE_OPTIONS: load, [variable]: file };
}

const file = process.env[variable];

if (file !== undefined) {
  const RealDate = Date;
  const now = (): number => RealDate.now() + Number(readFileSync(file, 'utf8'));
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, values: readonly unknown[], newTarget) =>
      Reflect.construct(target, values.length === 0 ? [now()] : [...values], newTarget),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
}
