/** What log lines are written into, so that those of several processes stay whole. */

import { closeSync, constants, fchownSync, fstatSync, openSync, write } from 'node:fs';
import type { Writable } from 'node:stream';
import { PortcullisError, systemCodeOf, systemReason } from './errors.ts';

/**
 * The longest write into a pipe that is never mixed with another's, in bytes (PIPE_BUF of Linux,
 * pipe(7)). A unix stream socket takes as much in one piece as well.
 */
export const pipeBytesMax = 4096;

/** Who a log file is to belong to; undefined leaves it as it is. */
export interface LogOwner {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

export interface LogSink {
  /** The longest write that stays whole, in bytes. */
  readonly bytesMax: number;
  /**
   * Called again only once the last call is done. Never throws.
   *
   * @param bytes whole lines
   * @returns how many of them are lost
   */
  write(bytes: Buffer): Promise<number>;
  /**
   * Opens the file anew; what is written from now on goes there.
   *
   * @throws PortcullisError FILE_UNREADABLE; the old file goes on
   */
  reopen(): void;
  close(): void;
}

/** Lines of several processes that append to one file follow each other whole (O_APPEND, write(2)). */
export class FileSink implements LogSink {
  readonly bytesMax = Number.POSITIVE_INFINITY;
  readonly #open: (() => number) | undefined;
  #descriptor: number;
  /** What takes the place of the descriptor when the write that runs is done. */
  #next: number | undefined;
  #isWriting = false;
  #isClosed = false;
  /** Whether a line may have been cut short: what comes next must not become a part of it. */
  #isInsideLine = false;

  /** @param source how to open the file, or the descriptor of one that another opened and closes */
  constructor(source: number | (() => number)) {
    this.#open = typeof source === 'number' ? undefined : source;
    this.#descriptor = typeof source === 'number' ? source : source();
  }

  async write(bytes: Buffer): Promise<number> {
    if (this.#isClosed) return countLines(bytes);
    this.#isWriting = true;
    const whole = this.#isInsideLine ? Buffer.concat([Buffer.of(lineFeed), bytes]) : bytes;
    const rest = await writeAll(this.#descriptor, whole);
    // A full disk may have cut a line of another process too: the next line begins afresh.
    this.#isInsideLine = rest.length > 0;
    this.#isWriting = false;
    this.#switch();
    return countLines(rest);
  }

  reopen(): void {
    if (this.#open === undefined || this.#isClosed) return;
    const next = this.#open();
    if (this.#next !== undefined) closeSync(this.#next);
    this.#next = next;
    if (!this.#isWriting) this.#switch();
  }

  close(): void {
    this.#isClosed = true;
    // A write that does not end still has the descriptor: the end of the process closes it.
    if (this.#open !== undefined && !this.#isWriting) closeSync(this.#descriptor);
  }

  #switch(): void {
    if (this.#next === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = this.#next;
    this.#next = undefined;
    this.#isInsideLine = false;
  }
}

/** A pipe, socket or terminal. It is not ours to close. */
export class StreamSink implements LogSink {
  readonly bytesMax = pipeBytesMax;
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
    // The callback of the write tells the same.
    stream.on('error', () => {});
  }

  // Node would send together what waits in the stream: so the next write waits for the last.
  write(bytes: Buffer): Promise<number> {
    return new Promise((resolve) => {
      this.#stream.write(bytes, (error) => resolve(error ? countLines(bytes) : 0));
    });
  }

  reopen(): void {}

  close(): void {}
}

/**
 * Opens a log file for appending, and makes it when it is not there: mode 0640, and of `owner`. One
 * that is there keeps its owner. Where `owner` is another than this process, its directory may be
 * theirs: a symbolic link in it is not followed, because they could lay it to any file of ours.
 *
 * @throws PortcullisError FILE_UNREADABLE
 */
export function openLogFile(file: string, owner: LogOwner | undefined): number {
  const isForOther = owner?.uid !== undefined || owner?.gid !== undefined;
  const flags = constants.O_WRONLY | constants.O_APPEND | (isForOther ? constants.O_NOFOLLOW : 0);
  try {
    return isForOther
      ? openOrMake(file, flags, owner)
      : openSync(file, flags | constants.O_CREAT, 0o640);
  } catch (error) {
    const isLink = isForOther && systemCodeOf(error) === 'ELOOP';
    const reason = isLink ? 'it is a symbolic link, expected a file' : systemReason(error);
    throw new PortcullisError('FILE_UNREADABLE', `Cannot write the log to ${file}: ${reason}`);
  }
}

function openOrMake(file: string, flags: number, { uid, gid }: LogOwner): number {
  let descriptor: number;
  try {
    descriptor = openSync(file, flags | constants.O_CREAT | constants.O_EXCL, 0o640);
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
    return openSync(file, flags);
  }
  const made = fstatSync(descriptor);
  try {
    fchownSync(descriptor, uid ?? made.uid, gid ?? made.gid);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return descriptor;
}

/** What could not be written. */
function writeAll(descriptor: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    write(descriptor, bytes, (error, written) => {
      if (error !== null) resolve(bytes);
      else if (written < bytes.length) resolve(writeAll(descriptor, bytes.subarray(written)));
      else resolve(Buffer.alloc(0));
    });
  });
}

const lineFeed = 10;

/** Of a line whose last byte alone was not written nothing is lost: the next write begins with it. */
function countLines(bytes: Buffer): number {
  const ends = bytes.reduce((count, byte) => (byte === lineFeed ? count + 1 : count), 0);
  return bytes[0] === lineFeed ? ends - 1 : ends;
}
