/** The policies of a process, opened once for all who serve or play requests by them. */

import { type OpenedContent, openContent } from './content-parts.ts';
import type { WorkParts } from './work.ts';

export class SharedContent {
  readonly #parts: Omit<WorkParts, 'pool' | 'taskKinds' | 'content'>;
  readonly #opened: AsyncDisposableStack;
  #opening: Promise<OpenedContent> | undefined;

  /** @param opened gets what has to be closed in the end, whenever it is opened */
  constructor(
    parts: Omit<WorkParts, 'pool' | 'taskKinds' | 'content'>,
    opened: AsyncDisposableStack,
  ) {
    this.#parts = parts;
    this.#opened = opened;
  }

  /** What could not be opened for a problem is tried again: a file may be there by then. */
  async open(): Promise<OpenedContent> {
    this.#opening ??= this.#open();
    let isOpen = false;
    try {
      const content = await this.#opening;
      isOpen = content.problems.length === 0;
      return content;
    } finally {
      if (!isOpen) this.#opening = undefined;
    }
  }

  async #open(): Promise<OpenedContent> {
    await using attempt = new AsyncDisposableStack();
    const content = await openContent(this.#parts, attempt);
    if (content.problems.length === 0) this.#opened.use(attempt.move());
    return content;
  }
}
