/** Reads the configurations of importers and distributors: a table of names says what each may be. */

import type { JsonObject } from '../repositories/documents.ts';
import type { Value } from '../stores/document.ts';
import type { ConfigProblem, ReadConfig } from './repository-type.ts';

export interface ConfigField {
  readonly isRequired?: true;
  /** As `true or false`. */
  readonly expected: string;
  /** The value as it is kept; undefined for one that is not allowed. */
  readonly read: (raw: Value) => Value | undefined;
}

export interface ConfigFields {
  readonly [name: string]: ConfigField;
}

/**
 * All mistakes at once. A name whose value is null is not set, as in Pulp.
 *
 * @param check what fields say of each other; it is asked where each of them is right
 */
export function createConfigReader(
  fields: ConfigFields,
  check: (config: JsonObject) => readonly ConfigProblem[] = () => [],
): (raw: JsonObject) => ReadConfig {
  return (raw) => {
    const config: Record<string, Value> = {};
    const problems: ConfigProblem[] = [];
    for (const [property, value] of Object.entries(raw)) {
      if (value === null) continue;
      const field = Object.hasOwn(fields, property) ? fields[property] : undefined;
      const read = field?.read(value);
      if (read !== undefined) config[property] = read;
      else problems.push(field === undefined ? unsupported(property) : invalid(property, field));
    }
    for (const [property, field] of Object.entries(fields)) {
      const isMissing = field.isRequired && (raw[property] ?? null) === null;
      if (isMissing) problems.push(missing(property, field));
    }
    if (problems.length === 0) problems.push(...check(config));
    return problems.length === 0 ? { config } : { problems };
  };
}

function unsupported(property: string): ConfigProblem {
  const name = JSON.stringify(property.slice(0, 100));
  return { property, kind: 'unsupported', message: `Cannot take ${name}: there is no such option` };
}

function invalid(property: string, { expected }: ConfigField): ConfigProblem {
  return { property, kind: 'invalid', message: `Cannot take ${property}: expected ${expected}` };
}

function missing(property: string, { expected }: ConfigField): ConfigProblem {
  return { property, kind: 'missing', message: `Cannot do without ${property}: ${expected}` };
}
