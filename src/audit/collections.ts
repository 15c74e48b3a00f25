/** What the audit keeps in the store. */

import type { CollectionDeclaration } from '../stores/collection.ts';
import { seenCertificateCollection } from './seen-certificates.ts';
import { segmentCollection } from './segment.ts';
import { usageCollection } from './usage-writer.ts';

/** To be declared where the store is opened. */
export const auditCollections: readonly CollectionDeclaration[] = [
  segmentCollection,
  usageCollection,
  seenCertificateCollection,
];
