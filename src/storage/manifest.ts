/**
 * What a publication was when it was put in place: a line of its digest and path for each file, as
 * sha256sum writes them, so that `sha256sum --check` reads it in the directory of the publication.
 */

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
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

/** Paths have no line breaks and no backslash, which sha256sum would write otherwise. */
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
  for await (const line of linesOf(createReadStream(file, 'utf8'))) {
    yield { sha256: line.slice(0, 64), path: line.slice(66) };
  }
}

/** They end with a newline alone: readers of lines that know other ends would take one for two (T28). */
async function* linesOf(text: AsyncIterable<string>): AsyncIterable<string> {
  let rest = '';
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
