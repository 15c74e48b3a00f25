/** A store that is right so far, and lacks what the first process that may write makes. */

import { PortcullisError } from '../errors.ts';

/** Nothing is wrong with it: a start of a role that changes something is all that it takes. */
export class StoreUnprepared extends PortcullisError {
  constructor(message: string) {
    super('STORE_SCHEMA', message);
  }
}
