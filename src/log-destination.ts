/** Where log lines go: standard output, or a file that is appended to. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';

/** Bytes that may wait for a slow or full destination; above it lines are dropped and counted. */
export const logBacklogBytesMax = 16 * 1024 * 1024;

export interface LogDestination extends AsyncDisposable {
  /** @param line with its line feed */
  write(line: string): void;
}

/**
 * Lines of one turn of the event loop leave in one write. A destination that fails (a full disk, a
 * reader that went away) never stops the server: what is lost is counted and said when it works again.
 *
 * @param file its path; undefined for standard output
 */
export function openLogDestination(file: string | undefined): LogDestination {
  return file === undefined
    ? new StreamDestination(process.stdout, false)
    : new StreamDestination(createWriteStream(file, { flags: 'a', mode: 0o640 }), true);
}

export class StreamDestination implements LogDestination {
  readonly #stream: Writable;
  readonly #ownsStream: boolean;
  readonly #backlogBytesMax: number;
  #waiting = '';
  #dropped = 0;
  #isScheduled = false;

  constructor(stream: Writable, ownsStream: boolean, backlogBytesMax = logBacklogBytesMax) {
    this.#stream = stream;
    this.#ownsStream = ownsStream;
    this.#backlogBytesMax = backlogBytesMax;
    stream.on('error', () => {
      this.#dropped += 1;
    });
  }

  write(line: string): void {
    if (this.#stream.writableLength + this.#waiting.length + line.length > this.#backlogBytesMax) {
      this.#dropped += 1;
      return;
    }
    this.#waiting += line;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#flush());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    if (this.#ownsStream) {
      this.#stream.end();
      if (!this.#stream.errored) await once(this.#stream, 'close').catch(() => {});
    } else if (this.#stream.writableLength > 0) {
      await once(this.#stream, 'drain').catch(() => {});
    }
  }

  #flush(): void {
    this.#isScheduled = false;
    if (this.#waiting === '') return;
    const lines = this.#waiting;
    this.#waiting = '';
    if (this.#dropped > 0) this.#stream.write(this.#droppedLine());
    this.#stream.write(lines);
  }

  #droppedLine(): string {
    const dropped = this.#dropped;
    this.#dropped = 0;
    const time = new Date().toISOString();
    return `${JSON.stringify({ time, level: 'error', message: 'Log lines were lost', dropped })}\n`;
  }
}
