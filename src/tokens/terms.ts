/** What the terms of a token may be. */

import { pathPatternProblem } from './path-pattern.ts';
import {
  addressesMax,
  customerCharactersMax,
  descriptionCharactersMax,
  distributionsMax,
  pathPatternsMax,
  type TokenTerms,
} from './token.ts';

export interface TermProblem {
  readonly property: keyof TokenTerms;
  /** A clause, as "it is empty". */
  readonly problem: string;
}

/** Everything that is wrong with the terms; none when a token may have them. */
export function termProblems(terms: TokenTerms): readonly TermProblem[] {
  const problems: Readonly<Partial<Record<keyof TokenTerms, string | undefined>>> = {
    customer: textProblem(terms.customer, customerCharactersMax),
    description:
      terms.description === null
        ? undefined
        : textProblem(terms.description, descriptionCharactersMax),
    validFrom: dateProblem(terms.validFrom),
    validUntil: dateProblem(terms.validUntil) ?? windowProblem(terms),
    distributions: listProblem(terms.distributions, distributionsMax, relativeUrlProblem),
    paths: listProblem(terms.paths, pathPatternsMax, pathPatternProblem),
    downloadsMax: countProblem(terms.downloadsMax, Number.MAX_SAFE_INTEGER),
    bytesMax: countProblem(terms.bytesMax, Number.MAX_SAFE_INTEGER),
    addressesMax: countProblem(terms.addressesMax, addressesMax),
  };
  return Object.entries(problems).flatMap(([property, problem]) =>
    problem === undefined ? [] : [{ property: property as keyof TokenTerms, problem }],
  );
}

function textProblem(text: string, charactersMax: number): string | undefined {
  if (text === '') return 'it is empty';
  if (text.length > charactersMax) return `it is longer than ${charactersMax} characters`;
  if (!text.isWellFormed()) return 'it is no Unicode text';
  return /\p{Cc}/u.test(text) ? 'it has a control character' : undefined;
}

function dateProblem(date: Date | null): string | undefined {
  return date !== null && Number.isNaN(date.getTime()) ? 'it is no time' : undefined;
}

function windowProblem({ validFrom, validUntil }: TokenTerms): string | undefined {
  if (validFrom === null || validUntil === null) return undefined;
  return validUntil > validFrom ? undefined : 'it is not after validFrom';
}

function listProblem(
  list: readonly string[] | null,
  itemsMax: number,
  problemOf: (item: string) => string | undefined,
): string | undefined {
  if (list === null) return undefined;
  if (list.length === 0) return 'it names nothing; leave it out for no limit';
  if (list.length > itemsMax) return `it has more than ${itemsMax} items`;
  for (const [index, item] of list.entries()) {
    const problem = item.isWellFormed() ? problemOf(item) : 'it is no Unicode text';
    if (problem !== undefined) return `item ${index + 1}: ${problem}`;
  }
  return undefined;
}

/** A relative URL is a path without wildcards. */
function relativeUrlProblem(relativeUrl: string): string | undefined {
  const problem = pathPatternProblem(relativeUrl);
  return (
    problem ?? (relativeUrl.includes('*') ? 'it has a "*", and is one distribution' : undefined)
  );
}

function countProblem(count: number | null, max: number): string | undefined {
  if (count === null) return undefined;
  if (Number.isSafeInteger(count) && count >= 1 && count <= max) return undefined;
  return `it is no whole number from 1 to ${max}`;
}
