/** The last steps of a publication before it is put in place: nothing in it is written afterwards. */

import { chmod, open, opendir } from 'node:fs/promises';
import path from 'node:path';
import { digestOfFile } from './digest.ts';
import { finishFile, syncDirectory } from './durable.ts';
import { modes } from './layout.ts';
import { type ManifestEntry, manifestLine, manifestPath } from './manifest.ts';
import { relativePathProblem } from './relative-path.ts';

export interface TreeToFinish {
  readonly id: string;
  /** The directory of the storage. */
  readonly storage: string;
  /** Where the tree is. */
  readonly directory: string;
  /** The digests of the artifacts in it by path: those are on the disk and read-only already. */
  readonly linked: ReadonlyMap<string, string>;
}

/** Syncs files before the directories that name them, and writes the manifest. */
export async function finishTree({ id, storage, directory, linked }: TreeToFinish): Promise<void> {
  const manifest = manifestPath(storage, id);
  {
    await using output = await open(manifest, 'w', modes.newFile);
    const lines = new Lines((text) => output.appendFile(text));
    await finishDirectory(directory, '', linked, (entry) => lines.add(manifestLine(entry)));
    await lines.flush();
    await output.sync();
  }
  await syncDirectory(path.dirname(manifest));
}

type Note = (entry: ManifestEntry) => Promise<void>;

async function finishDirectory(
  root: string,
  within: string,
  linked: ReadonlyMap<string, string>,
  note: Note,
): Promise<void> {
  const directory = path.join(root, within);
  for await (const entry of await opendir(directory)) {
    const name = within === '' ? entry.name : `${within}/${entry.name}`;
    if (entry.isDirectory()) await finishDirectory(root, name, linked, note);
    else if (entry.isFile()) await finishEntry(root, name, linked.get(name), note);
    else throw refused(name, 'is no file and no directory (T27)');
  }
  await syncDirectory(directory);
  await chmod(directory, modes.finishedPublication);
}

async function finishEntry(
  root: string,
  name: string,
  digest: string | undefined,
  note: Note,
): Promise<void> {
  if (digest !== undefined) return note({ path: name, sha256: digest });
  const problem = relativePathProblem(name);
  if (problem !== undefined) throw refused(name, problem);
  const file = path.join(root, name);
  await finishFile(file, modes.finishedFile);
  await note({ path: name, sha256: (await digestOfFile(file)).sha256 });
}

function refused(name: string, problem: string): TypeError {
  return new TypeError(`Cannot publish ${JSON.stringify(name)}: it ${problem}`);
}

/** Gathers lines, so that not each is a call of the system. */
class Lines {
  readonly #write: (text: string) => Promise<void>;
  #text = '';

  constructor(write: (text: string) => Promise<void>) {
    this.#write = write;
  }

  async add(line: string): Promise<void> {
    this.#text += line;
    if (this.#text.length > 65_536) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    await this.#write(text);
  }
}
