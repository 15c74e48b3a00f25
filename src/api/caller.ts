/** Who calls: a user of the store, however that was found. */

import type { User } from './people/documents.ts';

export interface Caller {
  readonly login: string;
  /** As it was when the call came. */
  readonly user: User;
  /** The serial number of the session by which the caller came; undefined for any other way. */
  readonly session: string | undefined;
}
