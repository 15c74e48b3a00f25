/** Bodies and places in them, made from the schema of a route, so that no route is left out. */

import { z } from 'zod';
import { criteriaSchema } from '../../src/api/criteria.ts';

interface JsonSchema {
  readonly type?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** A place in a body, as `['delta', 'name']`. */
export type Place = readonly string[];

export interface Sample {
  /** With every property that there is, each of its type. */
  readonly body: unknown;
  /** Each property, with those that have properties themselves. */
  readonly places: readonly Place[];
  /** Those of them that are text. */
  readonly texts: readonly Place[];
}

export function sampleOf(schema: z.ZodObject): Sample {
  const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const places: Place[] = [];
  const texts: Place[] = [];
  const make = (of: JsonSchema, at: Place): unknown => {
    const { type, properties = {} } = withoutNull(of);
    if (at.length > 0) places.push(at);
    if (type === 'string') texts.push(at);
    if (type !== 'object') return defaults[type ?? ''];
    // The criteria of a search are an object of anything, which is looked at later.
    const isCriteria = at.at(-1) === 'criteria';
    const inner = isCriteria ? propertiesOfCriteria() : Object.entries(properties);
    return Object.fromEntries(inner.map(([name, one]) => [name, make(one, [...at, name])]));
  };
  return { body: make(described, []), places, texts };
}

/** The body with another value at one place. */
export function withValueAt(body: unknown, [name, ...rest]: Place, value: unknown): unknown {
  if (name === undefined) return value;
  const object = body as Readonly<Record<string, unknown>>;
  return { ...object, [name]: withValueAt(object[name], rest, value) };
}

const defaults: Readonly<Record<string, unknown>> = {
  string: 'x',
  array: [],
  boolean: false,
  integer: 1,
};

function withoutNull(schema: JsonSchema): JsonSchema {
  return schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
}

function propertiesOfCriteria(): readonly (readonly [string, JsonSchema])[] {
  const described = z.toJSONSchema(criteriaSchema, { io: 'input', unrepresentable: 'any' });
  return Object.entries((described as JsonSchema).properties ?? {});
}
