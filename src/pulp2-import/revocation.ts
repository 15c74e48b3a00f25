/** The revocation lists by which Apache, or an old Pulp, refused certificates. */

import { authorityPemLimits, parseCertificatePem } from '../pem.ts';
import { revocationListsMax } from '../plugin-revocation.ts';
import { sourceBytesMax } from '../revocation/limits.ts';
import { readVerifiedLists } from '../revocation/verify-lists.ts';
import type { Installation } from './installation.ts';
import type { Notes } from './notes.ts';

/** What a rule goes by. */
export interface Revocation {
  /** Files on this host. */
  readonly lists: readonly string[];
  /** What becomes of the certificates of a CA without a list. */
  readonly missing: 'refuse' | 'allow';
}

interface ListFile {
  readonly file: string;
  readonly source: Uint8Array<ArrayBuffer>;
}

export class FoundRevocationLists {
  readonly #files: readonly ListFile[];
  readonly #missing: Revocation['missing'];
  /** Why the last CA that was asked did not take a file. */
  readonly #problems = new Map<string, string>();

  private constructor(files: readonly ListFile[], missing: Revocation['missing']) {
    this.#files = files;
    this.#missing = missing;
  }

  /**
   * @param places files, and directories with links as OpenSSL names them
   * @throws PortcullisError FILE_UNREADABLE when one cannot be read: it says who is refused
   */
  static async read(
    installation: Installation,
    places: readonly string[],
    missing: Revocation['missing'],
  ): Promise<FoundRevocationLists> {
    const files = new Map<string, ListFile>();
    for (const place of places) {
      const found = await installation.find(place);
      const names = found?.kind === 'directory' ? await listNames(installation, place) : [place];
      for (const name of names) {
        const file = await installation.find(name);
        const source = await installation.readBytes(name, sourceBytesMax);
        if (file === undefined || source === undefined) continue;
        const onHost = installation.onHost(file.path);
        files.set(onHost, { file: onHost, source });
      }
    }
    return new FoundRevocationLists([...files.values()], missing);
  }

  /** The files in which every list is by a CA of `pem`; undefined when there is none. */
  of(pem: string): Revocation | undefined {
    const parsed = parseCertificatePem(pem, authorityPemLimits);
    const authorities = 'certificates' in parsed ? parsed.certificates : [];
    const now = Math.floor(Date.now() / 1000);
    const lists = this.#files.filter(({ file, source }) => {
      const read = readVerifiedLists({ source, authorities, now });
      if ('problem' in read) this.#problems.set(file, read.problem);
      return 'lists' in read;
    });
    const files = lists.slice(0, revocationListsMax).map(({ file }) => file);
    return files.length === 0 ? undefined : { lists: files, missing: this.#missing };
  }

  /** @param used the files that rules go by */
  note(used: ReadonlySet<string>, notes: Notes): void {
    for (const { file } of this.#files) {
      if (used.has(file)) {
        notes.add(
          'different',
          `the revocation list ${file} has to be kept up to date: while it is not, those whom it is about get 503`,
        );
      } else {
        const problem = this.#problems.get(file) ?? 'no rule has its CA, or it is one too many';
        notes.add(
          'not carried over',
          `the revocation list ${file}: ${problem}; who is on it is not refused for that`,
        );
      }
    }
  }
}

/** The hash of the issuer, and a number. */
async function listNames(
  installation: Installation,
  directory: string,
): Promise<readonly string[]> {
  const entries = await installation.list(directory);
  return entries
    .filter(({ name }) => /^[0-9a-f]{8}\.r\d+$/.test(name))
    .map(({ name }) => `${directory}/${name}`);
}
