/** A storage for a test, and what tests ask of one. */

import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { openStorage } from '../../src/storage/open-storage.ts';
import type { ReceivedFile, Storage } from '../../src/storage/storage.ts';
import { temporaryDirectory } from '../support/temporary.ts';

export interface OpenedStorage extends Disposable {
  readonly storage: Storage;
  readonly directory: string;
}

export async function openedStorage(
  options: { readonly uploadBytesMax?: number } = {},
): Promise<OpenedStorage> {
  const parent = temporaryDirectory();
  const directory = parent.file('storage');
  const storage = await openStorage({ directory, uploadBytesMax: 1024 ** 3, ...options });
  return { storage, directory, [Symbol.dispose]: () => parent[Symbol.dispose]() };
}

export function sha256Of(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export async function* chunks(
  ...parts: readonly (string | Uint8Array)[]
): AsyncIterable<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

/** Receives and keeps `bytes`. */
export async function kept(storage: Storage, bytes: string | Uint8Array): Promise<string> {
  await using file = await received(storage, chunks(bytes));
  await storage.artifacts.keep(file);
  return file.sha256;
}

export function received(
  { artifacts }: Storage,
  bytes: AsyncIterable<Uint8Array>,
  bytesMax = 1024 ** 3,
): Promise<ReceivedFile & AsyncDisposable> {
  return artifacts.receive(bytes, { bytesMax, signal: new AbortController().signal });
}

/** The paths of all files below `directory`, in order, relative to it. */
export function filesBelow(directory: string): readonly string[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => statSync(path.join(directory, name)).isFile()).sort();
}

export async function listed(items: AsyncIterable<string>): Promise<readonly string[]> {
  return (await Array.fromAsync(items)).sort();
}
