/** The configuration file: read within limits, and its values found again by line and column. */

import { open } from 'node:fs/promises';
import path from 'node:path';
import { type Document, isMap, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import { messageOf, systemCodeOf } from '../errors.ts';
import type { Problem } from '../model.ts';
import { show } from './place.ts';
import { isMapping } from './setting.ts';

/** The longest configuration file, in bytes. */
export const configurationBytesMax = 16 * 1024 * 1024;
/** How often aliases may repeat what they stand for, as `maxAliasCount` of the yaml library counts. */
export const aliasesMax = 1000;
/** How many mistakes of YAML are told; the first one often makes the others. */
export const yamlMistakesMax = 20;

export interface ConfigurationDocument {
  /** What stands in the file; undefined when it cannot be read. */
  readonly text: string | undefined;
  /** The mappings, lists and scalars of the file; undefined when they cannot be known. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** `FILE:LINE:COLUMN` of what stands at a path, or of the nearest thing around it. */
  locate(at: string): string;
}

/** Reads YAML 1.2 (and so JSON) in UTF-8. Does not throw: what is wrong stands in `problems`. */
export async function readDocument(file: string): Promise<ConfigurationDocument> {
  const bytes = await readBounded(file).catch((error: unknown) => describeReadError(file, error));
  if (typeof bytes === 'string') return failed(file, bytes);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return failed(file, `Cannot read ${file}: it is not UTF-8 text`);
  }
  return parseText(file, text);
}

/** As {@link readDocument}, of a text that was read from `file` before. */
export function parseText(file: string, text: string): ConfigurationDocument {
  const lines = new LineCounter();
  // The schema is named, so that a %YAML 1.1 directive cannot turn `no` into false.
  const document = parseDocument(text, {
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    stringKeys: true,
    lineCounter: lines,
    prettyErrors: false,
  });
  const positionOf = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const mistakes = [...document.errors, ...document.warnings];
  const problems = mistakes.slice(0, yamlMistakesMax).map((mistake) => ({
    at: '',
    message: `Cannot read ${positionOf(mistake.pos[0])}: ${mistake.message}`,
  }));
  // A key that is there twice leaves the rest readable, so its other mistakes are told too.
  const isReadable = document.errors.every((error) => error.code === 'DUPLICATE_KEY');
  const value = isReadable ? toValue(document, file, problems) : undefined;
  if (value !== undefined && !isMapping(value)) {
    return failed(file, `Cannot use ${file}: it holds ${show(value)}, not a mapping of settings`);
  }
  return { text, value, problems, locate: (at) => positionOf(offsetOf(document, at)) };
}

function toValue(document: Document.Parsed, file: string, problems: Problem[]): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: aliasesMax }) ?? {};
    if (!isCyclic(value, new Set(), new Set())) return value;
    problems.push({
      at: '',
      message: `Cannot read ${file}: an alias stands inside its own anchor`,
    });
    return undefined;
  } catch (error) {
    problems.push({ at: '', message: `Cannot read ${file}: ${messageOf(error)}` });
    return undefined;
  }
}

/** Whoever walks the value later, plugins included, may trust that the walk ends. */
function isCyclic(value: unknown, open: Set<unknown>, done: Set<unknown>): boolean {
  if (typeof value !== 'object' || value === null || done.has(value)) return false;
  if (open.has(value)) return true;
  open.add(value);
  const found = Object.values(value).some((member) => isCyclic(member, open, done));
  open.delete(value);
  done.add(value);
  return found;
}

/** The offset of the key or item that `at` names, or of its nearest ancestor. */
function offsetOf(document: Document.Parsed, at: string): number {
  let offset = 0;
  let node: unknown = document.contents;
  for (const [, name, index] of at.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    if (isSeq(node) && index !== undefined) {
      const item = node.items[Number(index)] as ParsedNode | undefined;
      if (item === undefined) break;
      offset = item.range[0];
      node = item;
    } else if (isMap<ParsedNode, ParsedNode | null>(node)) {
      const pair = node.items.find(({ key }) => String(key) === name);
      if (pair === undefined) break;
      offset = pair.key.range[0];
      node = pair.value;
    } else break;
  }
  return offset;
}

async function readBounded(file: string): Promise<Buffer | string> {
  await using handle = await open(file, 'r');
  const stat = await handle.stat();
  if (!stat.isFile()) return `Cannot read ${file}: it is not a file, expected a configuration file`;
  // One byte more than allowed, so that a file that grows while it is read is still caught.
  const buffer = Buffer.alloc(Math.min(stat.size, configurationBytesMax) + 1);
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
  if (bytesRead > configurationBytesMax) {
    return `Cannot read ${file}: it is longer than ${configurationBytesMax} bytes`;
  }
  return buffer.subarray(0, bytesRead);
}

function describeReadError(file: string, error: unknown): string {
  switch (systemCodeOf(error)) {
    case 'ENOENT':
      return `Cannot read ${file}: there is no such file, --config names another`;
    case 'EACCES':
      return `Cannot read ${file}: permission denied, the user of this process needs to read it`;
    case 'ENOTDIR':
      return `Cannot read ${file}: ${path.dirname(file)} is not a directory`;
    default:
      return `Cannot read ${file}: ${messageOf(error)}`;
  }
}

function failed(file: string, message: string): ConfigurationDocument {
  const problems = [{ at: '', message }];
  return { text: undefined, value: undefined, problems, locate: () => file };
}
