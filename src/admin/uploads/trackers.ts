/** What is remembered of uploads under way, so that one that was broken off goes on: a file for each. */

import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { systemReason } from '../../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { readSmallFile } from '../small-file.ts';

const trackerSchema = z.strictObject({
  /** The server that has the bytes, as `host:port`. */
  server: z.string(),
  upload_id: z.string().regex(/^[0-9a-zA-Z-]{1,64}$/),
  repository: z.string(),
  unit_type_id: z.string(),
  unit_key: z.record(z.string(), z.unknown()),
  unit_metadata: z.record(z.string(), z.unknown()),
  /** Absolute. */
  file: z.string(),
  /** In bytes; with `modified` in milliseconds since 1970 it tells that the file is still the same. */
  size: z.int(),
  modified: z.number(),
});

export type Tracker = z.infer<typeof trackerSchema>;

/** The longest tracker read, in bytes. */
export const trackerBytesMax = 1024 * 1024;

export class Trackers {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Those of one server; a file that is no tracker is none. */
  async ofServer(server: string): Promise<readonly Tracker[] | Failure> {
    const names = await readdir(this.#directory).catch(() => []);
    const trackers: Tracker[] = [];
    for (const name of names.filter((each) => each.endsWith('.json')).sort()) {
      const tracker = await this.#read(name);
      if (tracker instanceof Failure) return tracker;
      if (tracker?.server === server) trackers.push(tracker);
    }
    return trackers;
  }

  /** Written aside first: half a tracker would be none. */
  async keep(tracker: Tracker): Promise<Failure | undefined> {
    const file = this.#fileOf(tracker);
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await writeFile(`${file}.new`, `${JSON.stringify(tracker)}\n`, { mode: 0o600 });
      await rename(`${file}.new`, file);
      return undefined;
    } catch (error) {
      return unusable(file, systemReason(error));
    }
  }

  async forget(tracker: Tracker): Promise<void> {
    await rm(this.#fileOf(tracker), { force: true });
  }

  async #read(name: string): Promise<Tracker | Failure | undefined> {
    const file = path.join(this.#directory, name);
    const read = await readSmallFile(file, trackerBytesMax);
    if (read === undefined) return undefined;
    if ('problem' in read) return unusable(file, read.problem);
    const parsed = trackerSchema.safeParse(jsonOf(read.text));
    return parsed.success ? parsed.data : undefined;
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
