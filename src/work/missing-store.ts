/** Tells a store that was never there from one that has vanished. */

import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Configuration, StoreConfiguration } from '../config/configuration.ts';

/**
 * A server that is just starting makes the session CA before its store: how long it gets in between,
 * and how often it is looked whether it has, in milliseconds.
 */
const startMilliseconds = 3000;
const lookMilliseconds = 50;

/** Whether the database is yet to be made. Of a store on other hosts nothing can be seen: false. */
export function isStoreMissing({ file, mongodbUrl, mongodbUrlFile }: StoreConfiguration): boolean {
  return mongodbUrl === undefined && mongodbUrlFile === undefined && !existsSync(file);
}

/** Whether the database is missing where there once was one: a session CA is made together with it. */
export function isStoreLost({ store, api }: Pick<Configuration, 'store' | 'api'>): boolean {
  return isStoreMissing(store) && existsSync(api.sessionCertificate);
}

/** As {@link isStoreLost}, once a server that is just starting has had its time. */
export async function staysStoreLost(
  configuration: Pick<Configuration, 'store' | 'api'>,
): Promise<boolean> {
  const end = performance.now() + startMilliseconds;
  while (isStoreLost(configuration)) {
    if (performance.now() >= end) return true;
    await sleep(lookMilliseconds);
  }
  return false;
}
