/** The bound sockets of an instance, as the primary needs them. */

import type { ListenAddress } from '../listen-address.ts';
import type { InstancePlan } from './plan.ts';

/** A socket that is bound, with its real port, and that the primary passes on by its descriptor. */
export interface HeldSocket {
  readonly descriptor: number;
  readonly address: ListenAddress;
}

/**
 * The sockets of the plan that runs, and at a change those of the next one beside them. A change
 * begins with `open` and ends with `commit` or `rollback`; one runs at a time.
 */
export interface SocketSet {
  /**
   * Binds what `plan` has beyond what is bound; what is bound already stays as it is.
   *
   * @throws PortcullisError LISTEN_FAILED; all is then as it was before
   */
  open(plan: InstancePlan): Promise<void>;
  /** Releases what the plan of the last `open` no longer has. */
  commit(): void;
  /** Releases what the last `open` has added. */
  rollback(): void;
  /**
   * The socket on which worker `slot` (from 1) of `pool` has its `listener`: in the plan that runs,
   * or in that of the last `open` before it is committed. An address may differ between the two.
   */
  get(of: 'current' | 'next', pool: string, listener: string, slot: number): HeldSocket;
  /**
   * Gives up all of them, for good: who connects from then on is refused, unless somebody else holds
   * the socket as well. Their addresses are still told. Once is enough; twice does no harm.
   */
  close(): void;
}
