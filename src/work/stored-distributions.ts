/** The distributions of the store as they are kept, read again as far as they changed. */

import {
  type Area,
  type DistributionDocument,
  distributionsCollection,
} from '../repositories/documents.ts';
import { publicationIdPattern } from '../storage/layout.ts';
import type { StoredDocument } from '../stores/document.ts';
import { everything } from '../stores/filter.ts';
import { parseFilter } from '../stores/parse-filter.ts';
import type { Store } from '../stores/store.ts';

/** Documents that are asked for at once: with their keys and certificates each may be large. */
const documentsAtOnce = 500;

export interface DistributionChanges {
  readonly changed: readonly DistributionDocument[];
  /** The ids of those that are gone. */
  readonly gone: readonly string[];
}

/** What tells two states of a document apart, also of one that was removed and made anew. */
type Known = Pick<DistributionDocument, '_version' | 'publication' | 'claimed'>;

/** @param known by their ids, what is known of them */
export async function readDistributionChanges(
  store: Pick<Store, 'find'>,
  known: ReadonlyMap<string, Known>,
): Promise<DistributionChanges> {
  const fields = ['publication', 'claimed'];
  const present = await store.find(distributionsCollection, { filter: everything, fields });
  const stale = present.filter((document) => !isKnown(document, known.get(document._id)));
  const ids = new Set(present.map(({ _id }) => _id));
  const changed: DistributionDocument[] = [];
  for (let at = 0; at < stale.length; at += documentsAtOnce) {
    const some = stale.slice(at, at + documentsAtOnce).map(({ _id }) => _id);
    const filter = parseFilter({ _id: { $in: some } });
    const found = await store.find(distributionsCollection, { filter });
    changed.push(...found.flatMap((document) => readDistribution(document) ?? []));
  }
  return { changed, gone: [...known.keys()].filter((id) => !ids.has(id)) };
}

export async function readDistributionFresh(
  store: Pick<Store, 'get'>,
  id: string,
): Promise<DistributionDocument | undefined> {
  const document = await store.get(distributionsCollection, id);
  return document && readDistribution(document);
}

function isKnown(document: StoredDocument, known: Known | undefined): boolean {
  return (
    known !== undefined &&
    known._version === document._version &&
    known.publication === (document.publication ?? null) &&
    timeOf(known.claimed) === timeOf(document.claimed)
  );
}

function timeOf(claimed: unknown): number | undefined {
  return claimed instanceof Date ? claimed.getTime() : undefined;
}

const areas: ReadonlySet<unknown> = new Set<Area>(['repos', 'isos']);

/**
 * The names of publications become paths: what is none is served as none (T28).
 *
 * @returns undefined for what is served nowhere, as it is at no place of its own
 */
function readDistribution(document: StoredDocument): DistributionDocument | undefined {
  const given = document as unknown as DistributionDocument;
  const isId = (id: unknown): boolean => typeof id === 'string' && publicationIdPattern.test(id);
  const earlier = Array.isArray(given.earlier) ? given.earlier : [];
  if (!areas.has(given.area) || given._id !== `${given.area}:${given.relative_url}`)
    return undefined;
  return {
    ...given,
    publication: isId(given.publication) ? given.publication : null,
    earlier: earlier.filter(({ publication, until }) => isId(publication) && until instanceof Date),
  };
}
