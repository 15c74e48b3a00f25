/** Why a remote repository is not taken over: shown to whoever may see the task, so without secrets. */

import { TaskFailure } from '../tasks/kind.ts';

export class SyncFailure extends TaskFailure {
  /** Whether the same question may be answered a moment later. */
  readonly isTransient: boolean;
  /** How long the other side asks to be left alone, in seconds; 0 where it says nothing. */
  readonly retryAfterSeconds: number;

  /** @param description what is wrong and what would be right */
  constructor(
    description: string,
    options: { readonly isTransient?: boolean; readonly retryAfterSeconds?: number } = {},
  ) {
    super('PLP0000', description);
    this.isTransient = options.isTransient ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds ?? 0;
  }
}
