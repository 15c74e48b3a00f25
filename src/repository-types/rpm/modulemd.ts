/** Modules: streams of packages and their defaults, as YAML documents that are carried through. */

import { readFile } from 'node:fs/promises';
import { type Document, isScalar, parseDocument, visit } from 'yaml';
import { messageOf } from '../../errors.ts';
import type { JsonObject } from '../../repositories/documents.ts';
import { fieldNameProblem, isObject } from '../../stores/path.ts';
import { cleanText, keyProblem, nameProblem, refuseUnit } from '../refuse-unit.ts';
import type { GivenUnit, UnitDescription, UnitRefusal, UnitType } from '../repository-type.ts';

/** One document, in bytes: it is read on the event loop. */
export const moduleBytesMax = 512 * 1024;

interface ModuleKind {
  /** What its `document` says. */
  readonly document: string;
  readonly unitKey: readonly string[];
  readonly fieldsOf: (data: Record<string, unknown>) => JsonObject;
  readonly replacesBy: readonly string[];
}

const streams: ModuleKind = {
  document: 'modulemd',
  unitKey: ['name', 'stream', 'version', 'context', 'arch'],
  replacesBy: ['name', 'stream', 'version', 'context', 'arch'],
  fieldsOf: ({
    name,
    stream,
    version,
    context,
    arch,
    summary,
    description,
    artifacts,
    profiles,
  }) => ({
    name: textOf(name),
    stream: textOf(stream),
    version: Number(version ?? 0),
    context: textOf(context),
    arch: textOf(arch),
    summary: textOf(summary),
    description: textOf(description),
    artifacts: textsOf(objectOf(artifacts).rpms),
    profiles: byName(profiles, (value) => textsOf(objectOf(value).rpms)),
  }),
};

const defaults: ModuleKind = {
  document: 'modulemd-defaults',
  unitKey: ['name', 'repo_id'],
  replacesBy: ['name'],
  fieldsOf: ({ module, stream, profiles }) => ({
    name: textOf(module),
    stream: textOf(stream),
    profiles: byName(profiles, textsOf),
  }),
};

export const modulemdType = createModuleType('modulemd', 'Modulemd', streams);
export const modulemdDefaultsType = createModuleType(
  'modulemd_defaults',
  'Modulemd Defaults',
  defaults,
);

function createModuleType(id: string, displayName: string, kind: ModuleKind): UnitType {
  const { unitKey } = kind;
  return {
    ...{ id, displayName, unitKey, description: displayName, searchIndexes: unitKey },
    referencedTypes: id === 'modulemd' ? ['rpm'] : [],
    hasFile: true,
    read: (given) => readModule(kind, given),
  };
}

async function readModule(
  kind: ModuleKind,
  { file, unitKey, signal }: GivenUnit,
): Promise<UnitDescription | UnitRefusal> {
  if (file === undefined) return refuseUnit('Cannot take a module without its document');
  if (file.size > moduleBytesMax) {
    return refuseUnit(`Cannot take the module: it is longer than ${moduleBytesMax} bytes`);
  }
  const read = parseModule(await readFile(file.path, { encoding: 'utf8', signal }));
  if (typeof read === 'string') return refuseUnit(`Cannot take the module: ${read}`);
  if (textOf(read.document) !== kind.document) {
    return refuseUnit(`Cannot take the module: its document has to be ${kind.document}`);
  }
  const own = kind.fieldsOf(objectOf(read.data));
  const repository = typeof unitKey.repo_id === 'string' ? { repo_id: unitKey.repo_id } : {};
  const fields = { ...own, ...repository, checksum: file.sha256, size: file.size };
  const problem = keyFault(kind, fields) ?? keyProblem(unitKey, fields, kind.unitKey);
  if (problem !== undefined) return refuseUnit(problem);
  return { fields, filename: `${file.sha256}.yaml`, replacesBy: kind.replacesBy };
}

/** What every part of the key has to be, so that the unit can be told from others. */
function keyFault(kind: ModuleKind, fields: JsonObject): string | undefined {
  for (const name of kind.unitKey) {
    const value = fields[name];
    if (name === 'version') {
      if (!Number.isSafeInteger(value)) return 'Cannot take the module: its version is no number';
    } else if (typeof value !== 'string') {
      return `Cannot take the module: it has no ${name}`;
    } else {
      const problem = nameProblem(name, value);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

/** Aliases are refused: they make much of little (T81). */
function parseModule(text: string): Record<string, unknown> | string {
  try {
    // The parser compares each name with all before it, which takes minutes where there are many (T81).
    const options = { intAsBigInt: false, stringKeys: true, uniqueKeys: false } as const;
    const document = parseDocument(text, options);
    if (document.errors.length > 0) return 'it is no YAML document';
    if (hasNameTwice(document)) return 'it has a name twice in one map';
    return objectOf(document.toJS({ maxAliasCount: 0 }));
  } catch (error) {
    return `it is no plain YAML document: ${messageOf(error).slice(0, 200)}`;
  }
}

function hasNameTwice(document: Document): boolean {
  let isTwice = false;
  visit(document, {
    Map: (_, { items }) => {
      const names = new Set(items.map(({ key }) => (isScalar(key) ? key.value : key)));
      isTwice = names.size < items.length;
      return isTwice ? visit.BREAK : undefined;
    },
  });
  return isTwice;
}

/**
 * The values of a map by names that can be fields: streams are called as versions are, with dots, which
 * are written as MongoDB's users write them. What can be no field even so is in the document alone.
 */
function byName(raw: unknown, read: (value: unknown) => readonly string[]): JsonObject {
  const named = Object.entries(objectOf(raw)).map(
    ([name, value]) => [cleanText(name).replaceAll('.', '\uff0e'), read(value)] as const,
  );
  return Object.fromEntries(named.filter(([name]) => fieldNameProblem(name) === undefined));
}

function objectOf(raw: unknown): Record<string, unknown> {
  return isObject(raw) ? raw : {};
}

function textOf(raw: unknown): string | null {
  return typeof raw === 'string' || typeof raw === 'number' ? cleanText(String(raw)) : null;
}

function textsOf(raw: unknown): readonly string[] {
  return Array.isArray(raw) ? raw.filter((item) => typeof item === 'string').map(cleanText) : [];
}
