/** Writes metadata of units to a file, one after the other, whatever their number. */

import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { JsonObject } from '../../repositories/documents.ts';
import type { PublishJob } from '../repository-type.ts';
import { artifactOf } from '../unit-file.ts';

export interface UnitsDocument {
  readonly begin: string;
  readonly end: string;
  /** By the types of units, in the order of the file. */
  readonly elements: ReadonlyMap<string, (fields: JsonObject) => string>;
  readonly each: (typeId: string) => void;
}

/** @returns how many units it has */
export async function writeUnits(
  job: PublishJob,
  file: string,
  { begin, end, elements, each }: UnitsDocument,
): Promise<number> {
  await using handle = await open(file, 'wx');
  await handle.appendFile(begin);
  let written = 0;
  for (const [type, write] of elements) {
    for await (const unit of job.units(type)) {
      job.signal.throwIfAborted();
      await handle.appendFile(write(unit.fields));
      written += 1;
      each(type);
    }
  }
  await handle.appendFile(end);
  return written;
}

/** The files of units, which are YAML documents, one after the other. @returns how many */
export async function writeArtifacts(
  job: PublishJob,
  file: string,
  types: readonly string[],
  each: (typeId: string) => void,
): Promise<number> {
  await using handle = await open(file, 'wx');
  let written = 0;
  for (const type of types) {
    for await (const unit of job.units(type)) {
      job.signal.throwIfAborted();
      await appendDocument(handle, job.artifactPath(artifactOf(unit).sha256));
      written += 1;
      each(type);
    }
  }
  return written;
}

/** A file has its markers or not: one that has them, and what may stand before, is a whole document. */
async function appendDocument(handle: FileHandle, file: string): Promise<void> {
  const stream = createReadStream(file, { encoding: 'utf8' });
  let text = '';
  for await (const chunk of stream) text += chunk;
  const document = text.replace(/^\ufeff/, '').replace(/\n\.\.\.\s*$/, '\n');
  const begin = /^---(?:\s|$)/m.test(document) ? '' : '---\n';
  await handle.appendFile(`${begin}${document.trimEnd()}\n...\n`);
}
