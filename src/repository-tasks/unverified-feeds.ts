/** Says which feeds are taken over from servers that nobody verifies, as long as it is so (T89a). */

import type { Repository } from '../repositories/documents.ts';
import { Repositories } from '../repositories/repositories.ts';
import { where } from '../stores/parse-filter.ts';
import type { RepositoryTaskParts } from './parts.ts';

/** Repositories that one line of the log names. */
const namedMax = 20;

/** @throws PortcullisError STORE_… */
export async function warnOfUnverifiedFeeds({
  store,
  log,
  now,
}: Pick<RepositoryTaskParts, 'store' | 'log' | 'now'>): Promise<void> {
  const found = await new Repositories(store, now).find({
    filter: where({ 'importer.config.ssl_validation': false }),
    fields: ['importer.config.feed'],
  });
  const unverified = found.filter(hasTlsFeed).map(({ _id }) => _id);
  if (unverified.length === 0) return;
  log.warn('Feeds are not verified: ssl_validation is off', {
    repositories: unverified.slice(0, namedMax),
    count: unverified.length,
  });
}

function hasTlsFeed({ importer }: Pick<Repository, 'importer'>): boolean {
  return String(importer?.config.feed).startsWith('https:');
}
