/** Who calls: a user of the store, however that was found, or a consumer by its certificate. */

import type { Consumer } from '../consumers/documents.ts';
import type { User } from './people/documents.ts';

export interface Caller {
  readonly login: string;
  /** As it was when the call came. */
  readonly user: User;
  /** The serial number of the session by which the caller came; undefined for any other way. */
  readonly session: string | undefined;
}

/** No user, and never taken for one: it has no permissions, only what is its own. */
export interface ConsumerCaller {
  /** `consumer:` and its id, which is no login: those have no colon. For logs and histories. */
  readonly login: `consumer:${string}`;
  /** As it was when the call came. */
  readonly consumer: Consumer;
}
