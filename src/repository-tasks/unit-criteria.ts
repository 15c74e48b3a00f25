/** Criteria of units in the arguments of tasks: as text, because no store keeps the names of operators. */

import {
  type AssociationCriteria,
  associationCriteriaSchema,
  type RawAssociationCriteria,
  readAssociationCriteria,
} from '../repositories/association-criteria.ts';

export function writeCriteria(criteria: RawAssociationCriteria): string {
  return JSON.stringify(criteria);
}

/** @throws PortcullisError FILTER_INVALID */
export function readCriteria(text: string): AssociationCriteria {
  return readAssociationCriteria(associationCriteriaSchema.parse(JSON.parse(text)));
}
