/** Units that are all in their fields, as errata and groups of packages: what clients send is checked here. */

import type { JsonObject } from '../../repositories/documents.ts';
import type { Value } from '../../stores/document.ts';
import { fieldNameProblem, isObject } from '../../stores/path.ts';
import { flag } from '../config-fields.ts';
import { cleanText, nameProblem, refuseUnit } from '../refuse-unit.ts';
import type { GivenUnit, UnitDescription, UnitRefusal, UnitType } from '../repository-type.ts';

/** What a field may be; the metadata writers rely on it. */
export type FieldShape = 'text' | 'flag' | 'number' | 'texts' | 'map' | 'objects' | 'pairs';

export interface MetadataUnit {
  readonly id: string;
  readonly displayName: string;
  readonly unitKey: readonly string[];
  readonly fields: Readonly<Record<string, FieldShape>>;
  readonly referencedTypes?: readonly string[];
}

const itemsMax = 50_000;

export function createMetadataUnitType(unit: MetadataUnit): UnitType {
  const { id, displayName, unitKey, referencedTypes = [] } = unit;
  return {
    ...{ id, displayName, description: displayName, unitKey, referencedTypes },
    searchIndexes: unitKey,
    hasFile: false,
    read: async (given) => readUnit(unit, given),
  };
}

function readUnit(unit: MetadataUnit, given: GivenUnit): UnitDescription | UnitRefusal {
  const raw: JsonObject = { ...given.unitMetadata, ...given.unitKey };
  const fields: Record<string, Value> = {};
  for (const [name, shape] of Object.entries(unit.fields)) {
    const value = raw[name] ?? null;
    if (value === null) continue;
    const read = readShape(value, shape);
    if (read === undefined) {
      return refuseUnit(`Cannot take the unit: ${name} has to be ${shapeWords[shape]}`);
    }
    fields[name] = read;
  }
  for (const name of unit.unitKey) {
    const value = fields[name];
    if (typeof value !== 'string' || value === '') {
      return refuseUnit(`Cannot take the unit: its key has to have ${name}`);
    }
    const problem = nameProblem(name, value);
    if (problem !== undefined) return refuseUnit(problem);
  }
  return { fields, replacesBy: unit.unitKey };
}

const shapeWords: Readonly<Record<FieldShape, string>> = {
  text: 'a text',
  flag: 'true or false',
  number: 'a number',
  texts: 'a list of texts',
  map: 'an object of texts',
  objects: 'a list of objects',
  pairs: 'a list of pairs of texts',
};

function readShape(raw: Value, shape: FieldShape): Value | undefined {
  switch (shape) {
    case 'text':
      return readText(raw);
    case 'flag':
      return flag.read(raw);
    case 'number':
      return readNumber(raw);
    case 'map':
      return readMap(raw);
    case 'texts':
      return readList(raw, readText);
    case 'objects':
      return readList(raw, (item) => (isObject(item) ? item : undefined));
    case 'pairs':
      return readList(raw, (item) =>
        Array.isArray(item) && item.length === 2 ? readList(item, readText) : undefined,
      );
  }
}

/** Numbers are texts as well: clients send versions and counts as either. */
function readText(raw: Value): string | undefined {
  if (typeof raw === 'number') return String(raw);
  return typeof raw === 'string' ? cleanText(raw) : undefined;
}

function readNumber(raw: Value): number | undefined {
  const number = typeof raw === 'string' && /^-?\d{1,15}$/.test(raw) ? Number(raw) : raw;
  return typeof number === 'number' ? number : undefined;
}

function readMap(raw: Value): JsonObject | undefined {
  if (!isObject(raw)) return undefined;
  const texts = Object.entries(raw).map(([name, value]) => [name, readText(value)] as const);
  if (texts.some(([, value]) => value === undefined)) return undefined;
  // A feed may have names that no store can keep: one translation less is no reason to take nothing of it.
  const kept = texts.filter(([name]) => fieldNameProblem(name) === undefined);
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? '']));
}

function readList(
  raw: Value,
  readItem: (item: Value) => Value | undefined,
): readonly Value[] | undefined {
  if (!Array.isArray(raw) || raw.length > itemsMax) return undefined;
  const items: Value[] = [];
  for (const item of raw) {
    const read = readItem(item);
    if (read === undefined) return undefined;
    items.push(read);
  }
  return items;
}
