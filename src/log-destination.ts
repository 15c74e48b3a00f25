/** Where log lines go: standard output, or a file that is appended to. */

import { once } from 'node:events';
import { closeSync, fstatSync, openSync, write } from 'node:fs';
import { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { PortcullisError, systemReason } from './errors.ts';

/** Bytes that may wait for a slow or full destination; above it lines are dropped and counted. */
export const logBacklogBytesMax = 16 * 1024 * 1024;

/** How long a line may wait for others to leave with it, in milliseconds. */
export const logFlushMs = 20;

/** How long the last lines may take at the end, in milliseconds; a reader may never read them. */
export const logDrainMsMax = 2000;

export interface LogDestination extends AsyncDisposable {
  /** @param line with its line feed */
  write(line: string): void;
}

/**
 * Lines leave together, {@link logFlushMs} after the first of them. A destination that fails (a full
 * disk, a reader that went away) never stops the server: what is lost is counted, and said in the
 * log as soon as that can be written.
 *
 * @param file its path; undefined for standard output
 * @throws PortcullisError FILE_UNREADABLE when the file cannot be opened for appending
 */
export function openLogDestination(file: string | undefined): LogDestination {
  if (file !== undefined) return new StreamDestination(new FileStream(openFile(file), true), true);
  // Node's own stream for a file ends at its first error, and throws it at the process.
  return isFile(standardOutput)
    ? new StreamDestination(new FileStream(standardOutput, false), true)
    : new StreamDestination(process.stdout, false);
}

const standardOutput = 1;

function isFile(descriptor: number): boolean {
  const stats = fstatSync(descriptor);
  return stats.isFile() || (stats.isCharacterDevice() && !isatty(descriptor));
}

function openFile(file: string): number {
  try {
    return openSync(file, 'a', 0o640);
  } catch (error) {
    throw new PortcullisError(
      'FILE_UNREADABLE',
      `Cannot write the log to ${file}: ${systemReason(error)}`,
    );
  }
}

const lineFeed = 10;

/** Unlike the stream of node:fs it goes on after an error: a full disk is emptied again. */
class FileStream extends Writable {
  readonly #descriptor: number;
  readonly #ownsDescriptor: boolean;
  /** Whether a line was cut short: what comes next must not become a part of it. */
  #isInsideLine = false;

  constructor(descriptor: number, ownsDescriptor: boolean) {
    super({ decodeStrings: true });
    this.#descriptor = descriptor;
    this.#ownsDescriptor = ownsDescriptor;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#writeAll(this.#isInsideLine ? Buffer.concat([Buffer.of(lineFeed), chunk]) : chunk, done);
  }

  override _final(done: () => void): void {
    if (this.#ownsDescriptor) closeSync(this.#descriptor);
    done();
  }

  #writeAll(bytes: Buffer, done: () => void): void {
    write(this.#descriptor, bytes, (error, written) => {
      if (error !== null) {
        this.emit('lost', countLines(bytes));
        done();
        return;
      }
      if (written > 0) this.#isInsideLine = bytes[written - 1] !== lineFeed;
      if (written < bytes.length) this.#writeAll(bytes.subarray(written), done);
      else done();
    });
  }
}

/** Of a line whose last byte alone was not written nothing is lost: the next write begins with it. */
function countLines(bytes: Buffer): number {
  const ends = bytes.reduce((count, byte) => (byte === lineFeed ? count + 1 : count), 0);
  return bytes[0] === lineFeed ? ends - 1 : ends;
}

export class StreamDestination implements LogDestination {
  readonly #stream: Writable;
  readonly #ownsStream: boolean;
  readonly #backlogBytesMax: number;
  #waiting = '';
  /** Lines since the start, those that tell of losses included. */
  #lost = 0;
  /** How many of them the log has been told of. */
  #told = 0;
  #isScheduled = false;

  constructor(stream: Writable, ownsStream: boolean, backlogBytesMax = logBacklogBytesMax) {
    this.#stream = stream;
    this.#ownsStream = ownsStream;
    this.#backlogBytesMax = backlogBytesMax;
    stream.on('error', () => {
      this.#lost += 1;
    });
    stream.on('lost', (lines: number) => {
      this.#lost += lines;
    });
  }

  write(line: string): void {
    if (this.#stream.writableLength + this.#waiting.length + line.length > this.#backlogBytesMax) {
      this.#lost += 1;
      return;
    }
    this.#waiting += line;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setTimeout(() => this.#flush(), logFlushMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    const signal = AbortSignal.timeout(logDrainMsMax);
    if (this.#ownsStream) this.#stream.end();
    else if (!this.#stream.writableNeedDrain) return;
    await once(this.#stream, this.#ownsStream ? 'close' : 'drain', { signal }).catch(() => {});
  }

  #flush(): void {
    this.#isScheduled = false;
    if (this.#waiting === '') return;
    const lines = this.#waiting;
    this.#waiting = '';
    if (this.#lost > this.#told) this.#stream.write(this.#lossesLine());
    this.#stream.write(lines);
  }

  /** The number since the start, so that nothing is forgotten when this line is lost as well. */
  #lossesLine(): string {
    this.#told = this.#lost;
    const time = new Date().toISOString();
    return `${JSON.stringify({ time, level: 'error', message: 'The log lost lines', losses: this.#lost })}\n`;
  }
}
