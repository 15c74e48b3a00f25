/** What the primary can do. */

import type { Failure, LeaveCause, RestartCause, SpawnCause } from './pool-state.ts';

export interface SpawnAction {
  readonly type: 'spawn';
  /** The id of the new worker. */
  readonly worker: number;
  readonly pool: string;
  readonly slot: number;
  readonly generation: number;
  readonly cause: SpawnCause;
}

export interface LeaveAction {
  /** By a message, by closing the channel, by SIGABRT, by SIGKILL. */
  readonly type: 'drain' | 'dismiss' | 'abort' | 'kill';
  readonly worker: number;
  readonly cause: LeaveCause;
}

export type Action =
  | SpawnAction
  | LeaveAction
  /** It is to leave once its successor serves. */
  | { readonly type: 'replace'; readonly worker: number; readonly cause: RestartCause }
  | { readonly type: 'ask'; readonly worker: number }
  /** `failure` says why the old generation stays. */
  | { readonly type: 'finish-reload'; readonly failure: string | undefined }
  | { readonly type: 'give-up'; readonly failure: Failure };
