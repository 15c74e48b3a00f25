/** What the steps of `portcullis verify` share. */

import { Publications } from '../../repositories/publications.ts';
import { Units } from '../../repositories/units.ts';
import { Uploads } from '../../repositories/uploads.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Store } from '../../stores/store.ts';
import type { Checked, Finding } from './finding.ts';

export interface VerificationOptions {
  readonly store: Store;
  readonly storage: Storage;
  readonly isRepairing: boolean;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** Told of how far it is, often. */
  readonly progress: (checked: Readonly<Checked>) => void;
}

/** An artifact whose bytes are not there or not right, and that units refer to. */
export interface Wanted {
  /** Of the damaged file; undefined when there is none. */
  readonly inode: number | undefined;
  /** An intact file with its bytes, in a publication. */
  source?: { readonly path: string; readonly size: number };
}

export class Verification {
  readonly store: Store;
  readonly storage: Storage;
  readonly isRepairing: boolean;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly units: Units;
  readonly publications: Publications;
  readonly uploads: Uploads;
  readonly findings: Finding[] = [];
  readonly checked: Checked = {
    artifacts: 0,
    bytes: 0,
    units: 0,
    publications: 0,
    files: 0,
    uploads: 0,
  };
  /** By digest; no more than there are problems. */
  readonly wanted = new Map<string, Wanted>();
  /** Digests of artifacts that nobody seemed to refer to when they were looked at. */
  readonly unreferenced: string[] = [];
  /** Files of publications that were not what they should be. */
  readonly wrongFiles: {
    readonly publication: string;
    readonly path: string;
    readonly sha256: string;
    readonly kind: 'file-missing' | 'file-changed';
  }[] = [];
  readonly #progress: VerificationOptions['progress'];

  constructor(options: VerificationOptions) {
    this.store = options.store;
    this.storage = options.storage;
    this.isRepairing = options.isRepairing;
    this.now = options.now;
    this.signal = options.signal;
    this.#progress = options.progress;
    this.units = new Units(options.store, options.now);
    this.publications = new Publications(options.store, options.now);
    this.uploads = new Uploads(options.store, options.now);
  }

  /** @throws the reason of the signal */
  count(what: keyof Checked, by = 1): void {
    this.signal.throwIfAborted();
    this.checked[what] += by;
    this.#progress(this.checked);
  }

  /** @param repair what mends it; gives whether it did */
  async found(
    finding: Omit<Finding, 'isRepaired'>,
    repair?: () => Promise<boolean>,
  ): Promise<void> {
    const isRepaired = this.isRepairing && repair !== undefined && (await repair());
    this.findings.push({ ...finding, isRepaired });
  }
}
