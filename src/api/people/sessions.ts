/** The sessions that are open: a certificate without its record is none. */

import type { CollectionDeclaration } from '../../stores/collection.ts';
import { where } from '../../stores/parse-filter.ts';
import type { Store } from '../../stores/store.ts';

/** To be declared where the store is opened. */
export const sessionCollections: readonly CollectionDeclaration[] = [
  { name: 'sessions', indexes: [{ fields: ['user'] }, { fields: ['expires'] }] },
];

export interface Session {
  /** The serial number of its certificate, as {@link VerifiedCertificate} has it. */
  readonly serial: string;
  /** The `_id` of the user. */
  readonly user: string;
  readonly expires: Date;
}

/** Sessions of one user; the ones that end first make room. */
export const sessionsOfUserMax = 100;

export class Sessions {
  readonly #store: Store;
  readonly #now: () => Date;

  constructor(store: Store, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /** Recorded before the certificate is given to anybody. */
  async open({ serial, user, expires }: Session): Promise<void> {
    await this.#removeExpired(user);
    await this.#store.insert('sessions', { _id: serial, user, expires, opened: this.#now() });
  }

  async isOpen(serial: string, user: string): Promise<boolean> {
    return (await this.#store.get('sessions', serial))?.user === user;
  }

  async close(serial: string): Promise<void> {
    await this.#store.remove('sessions', serial);
  }

  /**
   * @param except the serial number of one that goes on
   * @returns once no other certificate of the user opens anything, on any host
   */
  async closeAll(user: string, except?: string): Promise<void> {
    for (const { _id } of await this.#store.find('sessions', { filter: where({ user }) })) {
      if (_id !== except) await this.close(_id);
    }
  }

  async #removeExpired(user: string): Promise<void> {
    const filter = where({ user });
    const sessions = await this.#store.find('sessions', { filter, sort: [['expires', 1]] });
    const now = this.#now();
    const surplus = sessions.length + 1 - sessionsOfUserMax;
    for (const [index, { _id, expires }] of sessions.entries()) {
      if (index < surplus || (expires instanceof Date && expires <= now)) await this.close(_id);
    }
  }
}
