/** Checks what a request brings against the schemas of its route, and names what is wrong. */

import { z } from 'zod';
import { invalidValues, missingValues, unsupportedValues } from './failures.ts';
import type { Failure } from './outcome.ts';
import { textCharactersMax } from './people/documents.ts';
import type { QueryDeclaration } from './route.ts';
import {
  boundedNames,
  boundedProblems,
  problemOfIssue,
  type ValueProblem,
} from './value-problem.ts';

/** The value as the schema makes it, or the refusal with the names of the properties. */
export function checkValue<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> | Failure {
  const result = schema.safeParse(value);
  return result.success ? result.data : failureOfIssues(result.error.issues, value);
}

/** A list of values for a name of one list, the last value for one that is single. */
export function checkQuery(
  declaration: QueryDeclaration,
  query: ReadonlyMap<string, readonly string[]>,
): Readonly<Record<string, unknown>> | Failure {
  const checked: Record<string, unknown> = {};
  const wrong: ValueProblem[] = [];
  for (const [name, { schema, isList }] of Object.entries(declaration)) {
    const values = query.get(name) ?? [];
    const given = isList ? values : values.slice(-1);
    const results = given.map((value) => schema.safeParse(value));
    const [issue] = results.flatMap(({ error }) => error?.issues ?? []);
    if (issue !== undefined) wrong.push({ property: name, problem: problemOfIssue(issue) });
    const data = results.map((result) => result.data);
    checked[name] = isList ? data : data[0];
  }
  return wrong.length > 0 ? invalidValues(wrong) : checked;
}

/** A missing value goes before one too many, and that before a wrong one: as Pulp looks for them. */
function failureOfIssues(issues: readonly z.core.$ZodIssue[], input: unknown): Failure {
  const missing = issues.filter((issue) => isMissing(issue, input)).map(nameOf);
  if (missing.length > 0) return missingValues(boundedNames(missing));
  const unsupported = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys : [],
  );
  if (unsupported.length > 0) return unsupportedValues(boundedNames(unsupported));
  const problems = issues.map((issue) => ({
    property: nameOf(issue),
    problem: problemOfIssue(issue),
  }));
  return invalidValues(boundedProblems(problems));
}

function isMissing(issue: z.core.$ZodIssue, input: unknown): boolean {
  if (issue.code !== 'invalid_type') return false;
  let holder = input;
  for (const key of issue.path.slice(0, -1)) {
    holder = (holder as Record<PropertyKey, unknown> | undefined)?.[key];
  }
  const name = issue.path.at(-1);
  return (
    name !== undefined &&
    typeof holder === 'object' &&
    holder !== null &&
    !Object.hasOwn(holder, name)
  );
}

function nameOf(issue: z.core.$ZodIssue): string {
  return issue.path.map(String).join('.');
}

/** Text that every store keeps as it is. */
export const storableText = z
  .string()
  .max(textCharactersMax)
  .refine(
    (text) => !text.includes('\0') && text.isWellFormed(),
    'it has a NUL or is not valid Unicode',
  );

/** A boolean of a query: only the word counts, in any case. */
export const queryBoolean = z.string().transform((text) => text.toLowerCase() === 'true');
