/** Where log lines go: standard output, or a file that is appended to. */

import { once } from 'node:events';
import { appendFile, closeSync, openSync } from 'node:fs';
import { Writable } from 'node:stream';
import { messageOf, PortcullisError } from './errors.ts';

/** Bytes that may wait for a slow or full destination; above it lines are dropped and counted. */
export const logBacklogBytesMax = 16 * 1024 * 1024;

/** How long a line may wait for others to leave with it, in milliseconds. */
export const logFlushMs = 20;

export interface LogDestination extends AsyncDisposable {
  /** @param line with its line feed */
  write(line: string): void;
}

/**
 * Lines leave together, {@link logFlushMs} after the first of them. A destination that fails (a full disk, a
 * reader that went away) never stops the server: what is lost is counted, and said in the log as
 * soon as that can be written.
 *
 * @param file its path; undefined for standard output
 * @throws PortcullisError FILE_UNREADABLE when the file cannot be opened for appending
 */
export function openLogDestination(file: string | undefined): LogDestination {
  return file === undefined
    ? new StreamDestination(process.stdout, false)
    : new StreamDestination(new FileStream(file), true);
}

/** Unlike the stream of node:fs it goes on after an error: a full disk is emptied again. */
class FileStream extends Writable {
  readonly #descriptor: number;

  constructor(file: string) {
    super({ decodeStrings: true });
    try {
      this.#descriptor = openSync(file, 'a', 0o640);
    } catch (error) {
      throw new PortcullisError(
        'FILE_UNREADABLE',
        `Cannot write the log to ${file}: ${messageOf(error)}`,
      );
    }
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    appendFile(this.#descriptor, chunk, (error) => {
      if (error !== null) this.emit('lost');
      done();
    });
  }

  override _final(done: () => void): void {
    closeSync(this.#descriptor);
    done();
  }
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
    const lost = (): void => {
      this.#dropped += 1;
    };
    stream.on('error', lost);
    stream.on('lost', lost);
  }

  write(line: string): void {
    if (this.#stream.writableLength + this.#waiting.length + line.length > this.#backlogBytesMax) {
      this.#dropped += 1;
      return;
    }
    this.#waiting += line;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setTimeout(() => this.#flush(), logFlushMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    if (this.#ownsStream) {
      this.#stream.end();
      await once(this.#stream, 'close');
    } else if (this.#stream.writableNeedDrain) {
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
    return `${JSON.stringify({ time, level: 'error', message: 'The log lost lines', losses: dropped })}\n`;
  }
}
