/**
 * What a publication was when it was put in place: a line of its digest and path for each file, as
 * sha256sum writes them, so that `sha256sum --check` reads it in the directory of the publication.
 */

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { unless } from './faults.ts';

export interface ManifestEntry {
  /** Relative to the directory of the publication. */
  readonly path: string;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** @param directory of the storage */
export function manifestPath(directory: string, id: string): string {
  return path.join(manifestsBelow(directory), `${id}.sha256`);
}

/** @param directory of the storage */
export function manifestsBelow(directory: string): string {
  return path.join(directory, 'manifests');
}

/** Paths have no control characters and no backslash, which sha256sum would write otherwise. */
export function manifestLine({ path: name, sha256 }: ManifestEntry): string {
  return `${sha256}  ${name}\n`;
}

/** The entries one by one; undefined when there is no manifest. @param directory of the storage */
export async function openManifest(
  directory: string,
  id: string,
): Promise<AsyncIterable<ManifestEntry> | undefined> {
  const file = manifestPath(directory, id);
  if ((await unless(['ENOENT'], stat(file))) === undefined) return undefined;
  return readManifest(file);
}

async function* readManifest(file: string): AsyncIterable<ManifestEntry> {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    yield { sha256: line.slice(0, 64), path: line.slice(66) };
  }
}
