/** What the audit keeps in the store. */

import type { CollectionDeclaration } from '../stores/collection.ts';
import { segmentCollection } from './segment.ts';

/** To be declared where the store is opened. */
export const auditCollections: readonly CollectionDeclaration[] = [segmentCollection];
