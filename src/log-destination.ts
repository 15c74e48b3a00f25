/** Where log lines go: standard output, or a file that is appended to. */

import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { messageOf } from './errors.ts';
import { createLogger, type LogFields, shortenLine } from './log.ts';
import { FileSink, type LogOwner, type LogSink, openLogFile, StreamSink } from './log-sinks.ts';

/** Bytes that may wait for a slow or full destination; above it lines are dropped and counted. */
export const logBacklogBytesMax = 16 * 1024 * 1024;

/** How long a line may wait for others to leave with it, in milliseconds. */
export const logFlushMs = 20;

/** How long the last lines may take at the end, in milliseconds; a reader may never read them. */
export const logDrainMsMax = 2000;

export interface LogDestination extends AsyncDisposable {
  /** @param line an object of JSON, with its line feed */
  write(line: string): void;
  /**
   * Opens the log file anew, after it was moved away; standard output stays what it is. A file that
   * cannot be opened leaves the old one in use, and the log says so.
   */
  reopen(): void;
  /** Lines since the start that were not written and never will be. */
  readonly linesLost: number;
}

/**
 * Several processes may write to one destination: their lines never mix. Lines leave together,
 * {@link logFlushMs} after the first of them, a batch in one write; into a pipe or socket in writes
 * of at most `pipeBytesMax` bytes, and a line longer than that with its longest values cut. A
 * destination that fails (a full disk, a reader that went away) never stops the server: what is
 * lost is counted, and said in the log as soon as that can be written.
 *
 * @param file its path; undefined for standard output
 * @param owner who the file shall belong to when it is made here, for a process that will be another user
 * @throws PortcullisError FILE_UNREADABLE when the file cannot be opened for appending
 */
export function openLogDestination(file: string | undefined, owner?: LogOwner): LogDestination {
  if (file !== undefined)
    return new QueuedDestination(new FileSink(() => openLogFile(file, owner)));
  // Node's own stream for a file ends at its first error, and throws it at the process.
  const sink = isFile(standardOutput)
    ? new FileSink(standardOutput)
    : new StreamSink(process.stdout);
  return new QueuedDestination(sink);
}

const standardOutput = 1;

function isFile(descriptor: number): boolean {
  const stats = fstatSync(descriptor);
  return stats.isFile() || (stats.isCharacterDevice() && !isatty(descriptor));
}

export class QueuedDestination implements LogDestination {
  readonly #sink: LogSink;
  readonly #backlogBytesMax: number;
  #waiting = '';
  /** Of lines that are accepted and neither written nor lost. */
  #backlog = 0;
  /** Lines since the start, those that tell of losses included. */
  #lost = 0;
  /** How many of them the log has been told of. */
  #told = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(sink: LogSink, backlogBytesMax = logBacklogBytesMax) {
    this.#sink = sink;
    this.#backlogBytesMax = backlogBytesMax;
  }

  get linesLost(): number {
    return this.#lost;
  }

  write(line: string): void {
    if (this.#backlog + line.length > this.#backlogBytesMax) {
      this.#lost += 1;
      return;
    }
    this.#backlog += line.length;
    this.#waiting += line;
    if (this.#writing === undefined) this.#timer ??= setTimeout(() => this.#flush(), logFlushMs);
  }

  reopen(): void {
    try {
      this.#sink.reopen();
    } catch (error) {
      const reason = messageOf(error);
      this.write(errorLine('The log goes on in its old file', { reason }));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    if (this.#writing !== undefined) {
      const { promise: tooLong, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, logDrainMsMax);
      await Promise.race([this.#writing, tooLong]);
      clearTimeout(timer);
    }
    this.#sink.close();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting !== '') this.#writing ??= this.#writeWaiting();
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting !== '') {
      const { length } = this.#waiting;
      const lines = Buffer.from(this.#lossesLine() + this.#waiting);
      this.#waiting = '';
      for (const piece of wholeLines(lines, this.#sink.bytesMax)) {
        // Not `+=`, which would take the number from before the write.
        const lost = await this.#sink.write(piece);
        this.#lost += lost;
      }
      this.#backlog -= length;
    }
    this.#writing = undefined;
  }

  /** The number since the start, so that nothing is forgotten when this line is lost as well. */
  #lossesLine(): string {
    if (this.#lost === this.#told) return '';
    this.#told = this.#lost;
    return errorLine('The log lost lines', { losses: this.#lost });
  }
}

function errorLine(message: string, fields: LogFields): string {
  let written = '';
  const write = (line: string): void => {
    written = line;
  };
  createLogger({ level: 'error', write }).error(message, fields);
  return written;
}

const lineFeed = 10;

/** Cuts behind line ends; a line that is longer than `bytesMax` is shortened. */
function* wholeLines(lines: Buffer, bytesMax: number): Generator<Buffer> {
  for (let start = 0; start < lines.length; ) {
    const isRest = lines.length - start <= bytesMax;
    const end = isRest ? lines.length : lines.lastIndexOf(lineFeed, start + bytesMax - 1) + 1;
    if (end > start) {
      yield lines.subarray(start, end);
      start = end;
    } else {
      const lineEnd = lines.indexOf(lineFeed, start) + 1;
      yield Buffer.from(shortenLine(lines.toString('utf8', start, lineEnd), bytesMax));
      start = lineEnd;
    }
  }
}
