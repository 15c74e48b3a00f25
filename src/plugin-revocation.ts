/** The setting `crl` of a rule: which revocation lists it goes by, and what holds without them. */

import { isHttpUrl } from './plugin-http.ts';
import type { OcspOptions } from './plugin-ocsp.ts';

export interface RevocationOptions {
  /** Paths, as `Services.resolvePath` takes them, and URLs of http and https; none where `ocsp` alone counts. */
  readonly lists: readonly string[];
  /** Seconds between two requests for a URL. */
  readonly refreshSeconds: number;
  /** What becomes of the certificates of a CA of which there is no list. */
  readonly missing: 'refuse' | 'allow';
  /** Seconds for which a list counts after its `nextUpdate`. */
  readonly staleSeconds: number;
  /** Without it no responder is asked. */
  readonly ocsp?: OcspOptions;
}

/** Lists that one rule may name. */
export const revocationListsMax = 32;

/** Bounds and default of `refreshSeconds`. */
export const refreshSeconds = { min: 5, default: 60, max: 86_400 } as const;

/** The longest `allow-for`, seconds. */
export const staleSecondsMax = 30 * 86_400;

const keys = ['lists', 'refreshSeconds', 'missing', 'stale'] as const;

/** As `parseRevocation` of the plugin API. */
export function readRevocation(raw: unknown): RevocationOptions {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return readRevocation({ lists: raw });
  }
  const given: Readonly<Record<string, unknown>> = { ...raw };
  const unknown = Object.keys(given).find((key) => !keys.some((known) => known === key));
  if (unknown !== undefined) {
    throw new Error(`has no setting ${JSON.stringify(unknown)}; there are ${keys.join(', ')}`);
  }
  return {
    lists: readLists(given.lists),
    refreshSeconds: readRefresh(given.refreshSeconds),
    missing: readMissing(given.missing),
    staleSeconds: readStale(given.stale),
  };
}

/** As `joinRevocation` of the plugin API. */
export function joinOptions(
  crl: RevocationOptions | undefined,
  ocsp: OcspOptions | undefined,
): RevocationOptions | undefined {
  if (ocsp === undefined) return crl;
  return { ...(crl ?? noLists), ocsp };
}

const noLists: RevocationOptions = {
  lists: [],
  refreshSeconds: refreshSeconds.default,
  missing: 'refuse',
  staleSeconds: 0,
};

function readLists(raw: unknown): readonly string[] {
  const lists: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
  if (lists.length === 0 || lists.length > revocationListsMax) {
    throw new Error(`has ${lists.length} lists, and should have 1 to ${revocationListsMax}`);
  }
  return lists.map((list) => {
    if (typeof list !== 'string' || list === '') {
      throw new Error('has to be the path or the URL of a revocation list, or a list of such');
    }
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(list)?.[1];
    if (scheme !== undefined && !isHttpUrl(list)) {
      throw new Error(
        'has a URL that is not taken; it has to begin with http:// or https:// and a host, without a user name or a #',
      );
    }
    return list;
  });
}

function readRefresh(raw: unknown = refreshSeconds.default): number {
  const { min, max } = refreshSeconds;
  if (typeof raw !== 'number' || !Number.isSafeInteger(raw) || raw < min || raw > max) {
    throw new Error(`has to have a refreshSeconds from ${min} to ${max}`);
  }
  return raw;
}

function readMissing(raw: unknown = 'refuse'): 'refuse' | 'allow' {
  if (raw !== 'refuse' && raw !== 'allow') {
    throw new Error('has to have missing: refuse, or missing: allow');
  }
  return raw;
}

function readStale(raw: unknown = 'refuse'): number {
  if (raw === 'refuse') return 0;
  const digits = typeof raw === 'string' ? /^allow-for ([1-9]\d{0,6})$/.exec(raw)?.[1] : undefined;
  const seconds = Number(digits ?? Number.NaN);
  if (Number.isNaN(seconds) || seconds > staleSecondsMax) {
    throw new Error(
      `has to have stale: refuse, or stale: allow-for and its seconds up to ${staleSecondsMax}`,
    );
  }
  return seconds;
}
