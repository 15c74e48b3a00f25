/** Reads a secret: from a terminal without showing it, else the first line of the standard input. */

import { PortcullisError } from '../errors.ts';

/** The longest line read, in bytes. */
export const secretBytesMax = 4096;

const interrupt = '\u0003';
/** Return, line feed, and the end of input. */
const ends = ['\r', '\n', '\u0004'];
const erase = ['\b', '\u007f'];

/**
 * @param options.fromLine reads a line as it is even from a terminal, which shows it
 * @returns undefined when it was interrupted at the terminal
 * @throws PortcullisError USAGE when the line is too long or is not UTF-8
 */
export async function readSecret(
  question: string,
  options: { readonly fromLine?: boolean } = {},
): Promise<string | undefined> {
  if (!process.stdin.isTTY || options.fromLine) return readLine();
  // Before the question, so that nothing typed in answer to it is shown.
  process.stdin.setRawMode(true);
  process.stderr.write(question);
  try {
    return await readKeys();
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stderr.write('\n');
  }
}

async function readKeys(): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let typed: readonly string[] = [];
  process.stdin.setEncoding('utf8');
  const onData = (keys: string): void => {
    for (const key of keys) {
      if (ends.includes(key)) resolve(typed.join(''));
      else if (key === interrupt) resolve(undefined);
      else if (erase.includes(key)) typed = typed.slice(0, -1);
      else if (typed.length < secretBytesMax) typed = [...typed, key];
    }
  };
  process.stdin.on('data', onData);
  process.stdin.resume();
  try {
    return await promise;
  } finally {
    process.stdin.off('data', onData);
  }
}

async function readLine(): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    const end = chunk.indexOf(0x0a);
    const part = end === -1 ? chunk : chunk.subarray(0, end);
    length += part.length;
    chunks.push(part);
    if (end !== -1 || length > secretBytesMax) break;
  }
  if (length > secretBytesMax) {
    throw new PortcullisError(
      'USAGE',
      `Cannot read the password: its line is longer than ${secretBytesMax} bytes`,
    );
  }
  return decode(Buffer.concat(chunks)).replace(/\r$/, '');
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PortcullisError('USAGE', 'Cannot read the password: it is not UTF-8 text', { cause });
  }
}
