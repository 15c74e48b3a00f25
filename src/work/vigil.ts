/** Tells the operator in the log what the API cannot work without: a store, and an administrator. */

import type { SuperUsers } from '../api/people/super-users.ts';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { repeat } from '../tasks/repeat.ts';
import type { Background } from './work.ts';

/** How often it is looked whether the store answers, in milliseconds. */
const lookMilliseconds = 5000;

export interface VigilParts {
  readonly superUsers: Pick<SuperUsers, 'active'>;
  readonly log: Logger;
  readonly everyMilliseconds?: number;
}

/** A fault is told when it begins, when another takes its place, and when it is over. */
export function createVigil(parts: VigilParts): Background {
  const vigil = new Vigil(parts);
  const { everyMilliseconds = lookMilliseconds } = parts;
  let first: Promise<void> | undefined;
  let further: AsyncDisposable | undefined;
  return {
    start: () => {
      first = vigil.look();
      further = repeat(everyMilliseconds, () => vigil.look());
    },
    stop: async () => {
      await first;
      await further?.[Symbol.asyncDispose]();
    },
  };
}

class Vigil {
  readonly #parts: VigilParts;
  #fault: string | undefined;
  #isAdministered: boolean | undefined;

  constructor(parts: VigilParts) {
    this.#parts = parts;
  }

  async look(): Promise<void> {
    const { superUsers, log } = this.#parts;
    try {
      const active = await superUsers.active();
      if (this.#fault !== undefined) log.info('The store can be used again');
      this.#fault = undefined;
      this.#tellOfAdministrators(active.size > 0);
    } catch (error) {
      const reason = messageOf(error);
      if (reason === this.#fault) return;
      this.#fault = reason;
      log.error('The store cannot be used: the API answers 503 until it can', { reason });
    }
  }

  #tellOfAdministrators(isAdministered: boolean): void {
    const isKnown = this.#isAdministered === isAdministered;
    this.#isAdministered = isAdministered;
    if (isKnown || isAdministered) return;
    const help = 'make one with portcullis create-admin, on this host';
    this.#parts.log.warn('Nobody can use the API: there is no super-user', { help });
  }
}
