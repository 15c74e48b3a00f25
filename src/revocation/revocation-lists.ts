/**
 * What a process knows of revocations: lists, read once for all rules that name the same and kept up to
 * date, and responders.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from '../identity/certificate.ts';
import type { RevocationCheck } from '../identity/chain.ts';
import type { Logger } from '../log.ts';
import type { CertificateVerifier, RevocationOptions } from '../plugin.ts';
import { authorityId } from './authority-id.ts';
import {
  listsObeyedWithinSeconds,
  obeyedWithinSeconds,
  ocspObeyedWithinSeconds,
} from './bounds.ts';
import { isoTime } from './describe.ts';
import { createFileSource } from './file-source.ts';
import { judgePath } from './judge.ts';
import { firstReadSecondsMax } from './limits.ts';
import { type OpenCheck, openAskingVerifier } from './ocsp/asking-verifier.ts';
import { askAboutPath } from './ocsp/judge-path.ts';
import { OcspResponders } from './ocsp/responders.ts';
import { createListReader } from './reading-thread.ts';
import { RevocationRegister } from './register.ts';
import type { ListSource } from './source.ts';
import { createUrlSource } from './url-source.ts';
import { WatchedSource } from './watched-source.ts';

export interface RevocationListsParts {
  readonly log: Logger;
  readonly now: () => Date;
  /** Time for the first reading, after which a start goes on. */
  readonly firstReadSeconds?: number;
}

/** What a list in force is, for people and for metrics. */
export interface ListInForce {
  /** The CA as people read it. */
  readonly authority: string;
  readonly source: string;
  /** Unix time, seconds. */
  readonly thisUpdate: number;
  /** Unix time, seconds. */
  readonly nextUpdate: number;
  readonly entries: number;
}

interface Opened {
  readonly register: RevocationRegister;
  readonly sources: readonly WatchedSource[];
  /** Resolves when each source was tried once. */
  readonly tried: Promise<unknown>;
}

export class RevocationLists implements AsyncDisposable {
  readonly #parts: RevocationListsParts;
  readonly #reader = createListReader();
  readonly #opened = new Map<string, Opened>();
  readonly #responders: OcspResponders;
  #generation = 0;
  #obeyedWithinSeconds = 0;

  constructor(parts: RevocationListsParts) {
    this.#parts = parts;
    this.#responders = new OcspResponders(parts);
  }

  /** Goes up when any list changes: what was decided by another generation is over. */
  get generation(): number {
    return this.#generation;
  }

  /** The published bound, of the slowest that any rule goes by; 0 while none goes by anything. */
  get obeyedWithinSeconds(): number {
    return this.#obeyedWithinSeconds;
  }

  get inForce(): readonly ListInForce[] {
    const lists = [...this.#opened.values()].flatMap(({ register }) => register.lists);
    return lists.map(({ authorityText, source, thisUpdate, nextUpdate, serials }) => ({
      authority: authorityText,
      source,
      thisUpdate,
      nextUpdate,
      entries: serials.size,
    }));
  }

  /**
   * A verifier of certificates that goes by all that `options` names.
   *
   * @param resolvePath makes absolute paths of those in the options
   * @param open makes it of the CAs and of a check of paths that it opens for them
   */
  openVerifier(
    options: RevocationOptions | undefined,
    resolvePath: (path: string) => string,
    open: (openRevocation: OpenCheck | undefined) => Promise<CertificateVerifier>,
  ): Promise<CertificateVerifier> {
    const hasLists = options !== undefined && options.lists.length > 0;
    const openLists = hasLists ? this.opener(options, resolvePath) : undefined;
    const bound = options === undefined ? 0 : obeyedWithinSeconds(options);
    this.#obeyedWithinSeconds = Math.max(this.#obeyedWithinSeconds, bound);
    const { ocsp } = options ?? {};
    if (ocsp === undefined) return open(openLists);
    const { log, now } = this.#parts;
    const effectiveWithinSeconds = ocspObeyedWithinSeconds(ocsp);
    const responder = ocsp.responder ?? 'as certificates say';
    log.info('OCSP responders are asked', { responder, effectiveWithinSeconds });
    const way = { responders: this.#responders, options: ocsp };
    return openAskingVerifier(
      { ask: (path, at) => askAboutPath(path, at, way), openLists, now },
      open,
    );
  }

  /**
   * As {@link open}, for the CAs that are read later.
   *
   * @param resolvePath makes absolute paths of those in the options
   */
  opener(options: RevocationOptions, resolvePath: (path: string) => string): OpenCheck {
    const lists = options.lists.map((list) => (isUrl(list) ? list : resolvePath(list)));
    return (authorities) => this.open({ ...options, lists }, authorities);
  }

  /**
   * A check of paths against the lists of `options`. What cannot be read is logged and read later: until
   * then the check throws for whoever needs it. Waits a few seconds for the first reading.
   *
   * @param authorities of the rule's CA file, which alone can have signed a list
   */
  async open(
    options: RevocationOptions,
    authorities: readonly Certificate[],
  ): Promise<RevocationCheck> {
    const ids = new Set(authorities.map(authorityId));
    const key = JSON.stringify([options.lists, options.refreshSeconds, ...ids]);
    const known = this.#opened.get(key);
    const opened = known ?? this.#watch(options, authorities);
    if (known === undefined) this.#opened.set(key, opened);
    const { firstReadSeconds = firstReadSecondsMax } = this.#parts;
    await Promise.race([opened.tried, sleep(firstReadSeconds * 1000, undefined, { ref: false })]);
    const jurisdiction = {
      register: opened.register,
      authorities: ids,
      problems: () =>
        opened.sources.flatMap(({ name, problem }) =>
          problem === undefined ? [] : [`${name}: ${problem}`],
        ),
      policy: options,
    };
    return (path, now) => judgePath(path, now, jurisdiction);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const sources = [...this.#opened.values()].flatMap((opened) => opened.sources);
    this.#responders[Symbol.dispose]();
    const closed = sources.map((source) => source[Symbol.asyncDispose]());
    await this.#reader[Symbol.asyncDispose]();
    await Promise.all(closed);
  }

  #watch(options: RevocationOptions, authorities: readonly Certificate[]): Opened {
    const { lists, refreshSeconds } = options;
    const effectiveWithinSeconds = listsObeyedWithinSeconds(options);
    this.#parts.log.info('Revocation lists are watched', { lists, effectiveWithinSeconds });
    const register = new RevocationRegister((list) => {
      this.#generation += 1;
      const { authorityText: authority, source, number, nextUpdate, serials } = list;
      const fields = { authority, source, number, nextUpdate: isoTime(nextUpdate) };
      this.#parts.log.info('A revocation list is in force', { ...fields, entries: serials.size });
    });
    const sources = lists.map((list) => {
      const source = createSource(list, refreshSeconds);
      const ders = authorities.map(({ der }) => der);
      return new WatchedSource({
        ...this.#parts,
        source,
        register,
        reader: this.#reader,
        authorities: ders,
      });
    });
    return { register, sources, tried: Promise.all(sources.map((source) => source.start())) };
  }
}

function createSource(list: string, refreshSeconds: number): ListSource {
  return isUrl(list) ? createUrlSource({ url: list, refreshSeconds }) : createFileSource(list);
}

function isUrl(list: string): boolean {
  return /^https?:\/\//i.test(list);
}
