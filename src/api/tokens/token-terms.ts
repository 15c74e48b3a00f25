/** The terms of a token as calls of the API have them, and as the domain does. */

import { z } from 'zod';
import type { TermProblem } from '../../tokens/terms.ts';
import type { TokenTerms } from '../../tokens/token.ts';
import type { ValueProblem } from '../value-problem.ts';

const time = z.iso
  .datetime({
    offset: true,
    error: 'it is no time with its zone, as 2026-11-21T12:00:00Z',
  })
  .transform((text) => new Date(text));

const list = z.array(z.string());

/** What limits a token, each by its name in a call. */
const limits = {
  description: z.string().nullish(),
  valid_from: time.nullish(),
  valid_until: time.nullish(),
  distributions: list.nullish(),
  paths: list.nullish(),
  downloads_max: z.int().nullish(),
  bytes_max: z.int().nullish(),
  addresses_max: z.int().nullish(),
} as const;

export const newTokenBody = z.strictObject({ customer: z.string(), ...limits });

/** What is left out stays; `null` takes a limit away. */
export const tokenDelta = z.strictObject({ customer: z.string().nullish(), ...limits });

const names: Readonly<Record<keyof TokenTerms, keyof z.output<typeof newTokenBody>>> = {
  customer: 'customer',
  description: 'description',
  validFrom: 'valid_from',
  validUntil: 'valid_until',
  distributions: 'distributions',
  paths: 'paths',
  downloadsMax: 'downloads_max',
  bytesMax: 'bytes_max',
  addressesMax: 'addresses_max',
};

/** The names of terms in calls with their paths in the documents, for searches. */
export const termPaths: readonly (readonly [name: string, path: string])[] = Object.entries(
  names,
).map(([path, name]) => [name, path]);

export function termsOf(body: z.output<typeof newTokenBody>): TokenTerms {
  return {
    customer: body.customer,
    description: body.description ?? null,
    validFrom: body.valid_from ?? null,
    validUntil: body.valid_until ?? null,
    distributions: body.distributions ?? null,
    paths: body.paths ?? null,
    downloadsMax: body.downloads_max ?? null,
    bytesMax: body.bytes_max ?? null,
    addressesMax: body.addresses_max ?? null,
  };
}

/** Every token has a customer: there, null stands for nothing, as everywhere else. */
export function changeOf(delta: z.output<typeof tokenDelta>): Partial<TokenTerms> {
  const given = Object.entries(names).flatMap(([property, name]) => {
    const value = delta[name];
    const isLeft = value === undefined || (value === null && name === 'customer');
    return isLeft ? [] : [[property, value] as const];
  });
  return Object.fromEntries(given);
}

/** @param prefix of the names in the body, as `delta.` */
export function problemsOf(problems: readonly TermProblem[], prefix = ''): readonly ValueProblem[] {
  return problems.map(({ property, problem }) => ({
    property: `${prefix}${names[property]}`,
    problem: problem.replaceAll(/[a-z]+[A-Z]\w*/g, nameInCalls),
  }));
}

/** A problem may name another term, as the domain calls it. */
function nameInCalls(property: string): string {
  return Object.entries(names).find(([own]) => own === property)?.[1] ?? property;
}
