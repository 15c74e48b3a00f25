/** The criteria of associations in a call. */

import {
  associationCriteriaSchema,
  type RawAssociationCriteria,
  readAssociationCriteria,
} from '../../repositories/association-criteria.ts';
import { checkValue } from '../check-input.ts';
import { invalidValues } from '../failures.ts';
import { Failure } from '../outcome.ts';
import { boundedProblems } from '../value-problem.ts';

/**
 * What a call has for criteria, whole and understood.
 *
 * @throws PortcullisError FILTER_INVALID
 */
export function checkAssociationCriteria(
  raw: Readonly<Record<string, unknown>>,
): RawAssociationCriteria | Failure {
  const known = Object.keys(associationCriteriaSchema.shape);
  const unknown = Object.keys(raw).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const problem = `there is no such criterion; there are ${known.join(', ')}`;
    return invalidValues(boundedProblems(unknown.map((property) => ({ property, problem }))));
  }
  const criteria = checkValue(associationCriteriaSchema, raw);
  if (!(criteria instanceof Failure)) readAssociationCriteria(criteria);
  return criteria;
}
