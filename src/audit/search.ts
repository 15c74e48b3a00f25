/** Looks for entries of the decision log, the latest first, a page at a time. */

import { parseFilter } from '../stores/parse-filter.ts';
import type { Store } from '../stores/store.ts';
import type { DecisionEntry, DecisionFields } from './entry.ts';
import { searchEntriesMax, searchSegmentsMax, segmentSpanMilliseconds } from './limits.ts';
import { entriesOf, placeOf, readSegment, type Segment, segments, timeOfPlace } from './segment.ts';

/** What an entry has to be. */
export interface DecisionQuery {
  readonly requestId?: string;
  readonly principal?: string;
  /** 64 lower-case hex digits. */
  readonly fingerprint?: string;
  readonly address?: string;
  /** The user name that was sent. */
  readonly user?: string;
  readonly distribution?: string;
  /** Percent-encoded, of whole segments: the path itself, or one above it. */
  readonly pathPrefix?: string;
  readonly outcome?: DecisionFields['outcome'];
  readonly status?: number;
  /** Not before. */
  readonly from?: Date;
  /** Before. */
  readonly until?: Date;
  /** 1 to {@link searchEntriesMax}. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: PageMark;
}

/** Where a page ended. */
export interface PageMark {
  /** Milliseconds since 1970 of its last entry. */
  readonly time: number;
  /** How many entries of that time were given. */
  readonly given: number;
}

export interface DecisionPage {
  /** The latest first. */
  readonly entries: readonly DecisionEntry[];
  /** Entries that were lost in the time that was looked at. */
  readonly lost: number;
  /** Undefined when there is no more. A page may have fewer entries than asked for, and a next one. */
  readonly next: PageMark | undefined;
}

/** Documents that are read in one go: as many as a store of SQLite reads at least. */
const batch = 100;

export async function searchDecisions(
  store: Pick<Store, 'find'>,
  query: DecisionQuery,
): Promise<DecisionPage> {
  const limit = Math.min(query.limit ?? searchEntriesMax, searchEntriesMax);
  const search = new Search(query);
  let place = search.firstPlace;
  for (let read = 0; read < searchSegmentsMax; read += batch) {
    const documents = await store.find(segments, {
      filter: parseFilter({ until: { $gte: placeOf(search.from), $lt: place } }),
      sort: [['until', -1]],
      limit: batch,
    });
    for (const document of documents) search.take(readSegment(document));
    // Nothing that is still to be read is later than the last document was.
    const settled = documents.length < batch ? 0 : timeOfPlace(String(documents.at(-1)?.until));
    if (settled === 0 || search.countAfter(settled) > limit + (query.after?.given ?? 0))
      return search.page(limit, settled);
    place = String(documents.at(-1)?.until);
  }
  return search.page(limit, timeOfPlace(place));
}

/** The latest entry with this request id; the front may have given one id to several requests. */
export async function findDecision(
  store: Pick<Store, 'find'>,
  requestId: string,
): Promise<DecisionEntry | undefined> {
  let after: PageMark | undefined;
  do {
    const query = { requestId, limit: 1, ...(after && { after }) };
    const { entries, next } = await searchDecisions(store, query);
    if (entries[0] !== undefined) return entries[0];
    after = next;
  } while (after !== undefined);
  return undefined;
}

class Search {
  readonly from: number;
  readonly firstPlace: string;
  readonly #query: DecisionQuery;
  readonly #until: number;
  /** A text that the entries of a document must have: most documents need not be decoded. */
  readonly #needles: readonly string[];
  readonly #found: DecisionEntry[] = [];
  #lost = 0;

  constructor(query: DecisionQuery) {
    this.#query = query;
    this.from = query.from?.getTime() ?? 0;
    const until = query.until?.getTime() ?? Number.MAX_SAFE_INTEGER - segmentSpanMilliseconds;
    this.#until = Math.min(until, (query.after?.time ?? Number.POSITIVE_INFINITY) + 1);
    // A document that goes on for longer may have earlier entries as well.
    this.firstPlace = placeOf(Math.min(this.#until + segmentSpanMilliseconds, 10 ** 15 - 1));
    this.#needles = needlesOf(query);
  }

  take(segment: Segment): void {
    if (segment.from >= this.#until || segment.to < this.from) return;
    this.#lost += segment.lost;
    if (!this.#needles.every((needle) => segment.entries.includes(needle))) return;
    this.#found.push(...entriesOf(segment).filter((entry) => this.#isMeant(entry)));
  }

  countAfter(time: number): number {
    return this.#found.filter((entry) => entry.time.getTime() > time).length;
  }

  /** @param settled the time after which every entry is known; 0 for all */
  page(limit: number, settled: number): DecisionPage {
    const sorted = this.#found
      .filter(({ time }) => time.getTime() > settled)
      .sort((one, other) => other.time.getTime() - one.time.getTime());
    const { after } = this.#query;
    const given = after === undefined ? 0 : countOf(sorted, after.time, after.given);
    const rest = sorted.slice(given);
    const entries = rest.slice(0, limit);
    return { entries, lost: this.#lost, next: this.#next(entries, rest.length, settled) };
  }

  #next(entries: readonly DecisionEntry[], all: number, settled: number): PageMark | undefined {
    const last = entries.at(-1)?.time.getTime();
    if (last !== undefined && all > entries.length) {
      const { after } = this.#query;
      const before = after?.time === last ? after.given : 0;
      return { time: last, given: before + countOf(entries, last) };
    }
    return settled === 0 ? undefined : { time: settled, given: 0 };
  }

  #isMeant(entry: DecisionEntry): boolean {
    const { fingerprint, pathPrefix, outcome, status } = this.#query;
    const time = entry.time.getTime();
    return (
      time >= this.from &&
      time < this.#until &&
      equalFields.every((name) => isEqual(this.#query[name], entry[name])) &&
      isEqual(fingerprint && `sha256:${fingerprint}`, entry.certificate) &&
      isEqual(outcome, entry.outcome) &&
      isEqual(status, entry.status) &&
      (pathPrefix === undefined || liesIn(entry.path, pathPrefix))
    );
  }
}

const equalFields = ['requestId', 'principal', 'address', 'user', 'distribution'] as const;

function needlesOf(query: DecisionQuery): readonly string[] {
  const texts = [...equalFields.map((name) => query[name]), query.fingerprint, query.outcome];
  return texts.flatMap((text) => (text === undefined ? [] : JSON.stringify(text).slice(1, -1)));
}

function isEqual<Value>(asked: Value | undefined, value: Value | undefined): boolean {
  return asked === undefined || asked === value;
}

/** Whole segments. */
function liesIn(path: string, prefix: string): boolean {
  const bare = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  return path === bare || path.startsWith(`${bare}/`);
}

function countOf(entries: readonly DecisionEntry[], time: number, max = entries.length): number {
  return Math.min(max, entries.filter((entry) => entry.time.getTime() === time).length);
}
