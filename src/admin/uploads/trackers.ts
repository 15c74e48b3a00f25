/** What is remembered of uploads under way, so that one that was broken off goes on: a file for each. */

import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { systemCodeOf, systemReason } from '../../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { readSmallFile } from '../small-file.ts';

const idForm = /^[0-9a-zA-Z-]{1,64}$/;

const trackerSchema = z.strictObject({
  /** The server that has the bytes, as `host:port`. */
  server: z.string(),
  upload_id: z.string().regex(idForm),
  repository: z.string(),
  unit_type_id: z.string(),
  unit_key: z.record(z.string(), z.unknown()),
  unit_metadata: z.record(z.string(), z.unknown()),
  /** Absolute. */
  file: z.string(),
  /** In bytes; with `modified` in milliseconds since 1970 it tells that the file is still the same. */
  size: z.int().min(0),
  modified: z.number(),
  /** The tasks of the import, once it was asked for. */
  tasks: z.array(z.string()).optional(),
});

export type Tracker = z.infer<typeof trackerSchema>;

/** The longest tracker read, in bytes. */
export const trackerBytesMax = 1024 * 1024;

export class Trackers {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Those of one server, in the order of their ids; a file that is no tracker is none. */
  async ofServer(server: string): Promise<readonly Tracker[] | Failure> {
    const names = await this.#names();
    if (names instanceof Failure) return names;
    const trackers: Tracker[] = [];
    for (const name of names) {
      const tracker = await this.#read(name);
      if (tracker instanceof Failure) return tracker;
      if (tracker?.server === server) trackers.push(tracker);
    }
    return trackers;
  }

  /** Written aside and onto the disk first: half a tracker would be none. */
  async keep(tracker: Tracker): Promise<Failure | undefined> {
    if (!idForm.test(tracker.upload_id)) {
      const shown = JSON.stringify(tracker.upload_id.slice(0, 100));
      return unusable(this.#directory, `${shown}, which the server sent, is no id of an upload`);
    }
    const file = this.#fileOf(tracker);
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await using draft = await open(`${file}.new`, 'w', 0o600);
      await draft.writeFile(`${JSON.stringify(tracker)}\n`);
      await draft.sync();
      await rename(`${file}.new`, file);
      return undefined;
    } catch (error) {
      return unusable(file, systemReason(error));
    }
  }

  async forget(tracker: Tracker): Promise<void> {
    await rm(this.#fileOf(tracker), { force: true });
  }

  async #names(): Promise<readonly string[] | Failure> {
    try {
      const names = await readdir(this.#directory);
      return names.filter((each) => each.endsWith('.json')).sort();
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return [];
      return unusable(this.#directory, systemReason(error));
    }
  }

  async #read(name: string): Promise<Tracker | Failure | undefined> {
    const file = path.join(this.#directory, name);
    const read = await readSmallFile(file, trackerBytesMax);
    if (read === undefined) return undefined;
    if ('problem' in read) return unusable(file, read.problem);
    const parsed = trackerSchema.safeParse(jsonOf(read.text));
    // Of another name it could not be forgotten, and would be resumed for ever.
    const isOwn = parsed.success && name === `${parsed.data.upload_id}.json`;
    return isOwn ? parsed.data : undefined;
  }

  #fileOf({ upload_id: id }: Tracker): string {
    return path.join(this.#directory, `${id}.json`);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unusable(file: string, reason: string): Failure {
  return new Failure({
    title: 'Upload Tracker',
    lines: [
      `Cannot use ${file}: ${reason}; the directory of trackers has to be writable (filesystem.upload_working_dir).`,
    ],
    exitCode: exitCodes.noInput,
  });
}
