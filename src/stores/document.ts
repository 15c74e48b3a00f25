/** What a store keeps: documents of JSON's kinds and dates, checked before they are taken. */

import { randomBytes } from 'node:crypto';
import { PortcullisError } from '../errors.ts';
import type { StoreLimits } from './limits.ts';
import { fieldNameProblem, isObject, textProblem, versionField } from './path.ts';

export type Scalar = string | number | boolean | null | Date;

/** Numbers are finite. Lists and objects are taken as they are, without classes. */
export type Value = Scalar | readonly Value[] | { readonly [name: string]: Value };

export type Document = { readonly [name: string]: Value };

export type StoredDocument = Document & {
  /** Unique in its collection, and never changed. */
  readonly _id: string;
  /** 1 at first, one more with each change. */
  readonly _version: number;
};

/** 24 hexadecimal digits as MongoDB's ObjectId has them: the time in seconds, then 64 random bits. */
export function newId(now: Date = new Date()): string {
  const seconds = Math.floor(now.getTime() / 1000);
  return seconds.toString(16).padStart(8, '0') + randomBytes(8).toString('hex');
}

/**
 * A copy of `raw` that shares nothing with it.
 *
 * @throws PortcullisError DOCUMENT_INVALID naming the place, never the value
 */
export function checkDocument(raw: unknown, limits: StoreLimits): Document {
  if (!isPlainObject(raw)) throw invalid('it is not an object');
  const document = copyObject(raw, '', 1, limits);
  if (Object.hasOwn(document, versionField))
    throw invalid(`${versionField} is for the store alone`);
  if (Object.hasOwn(document, '_id')) checkId(document._id, limits);
  const bytes = documentBytes(document);
  if (bytes > limits.documentBytesMax) {
    throw invalid(`it has ${bytes} bytes, and ${limits.documentBytesMax} are allowed`);
  }
  return document;
}

/** The size of a document as the limits count it. */
export function documentBytes(document: Document): number {
  return Buffer.byteLength(JSON.stringify(document));
}

/** @throws PortcullisError DOCUMENT_INVALID */
export function checkId(id: unknown, limits: StoreLimits): string {
  if (typeof id !== 'string' || id === '') throw invalid('`_id` is not a text');
  const problem = textProblem(id);
  if (problem !== undefined) throw invalid(`\`_id\` cannot be kept: ${problem}`);
  if (Buffer.byteLength(id) > limits.idBytesMax) {
    throw invalid(`\`_id\` is longer than ${limits.idBytesMax} bytes`);
  }
  return id;
}

/**
 * A copy of one value at `place`, as {@link checkDocument}.
 *
 * @param depth the level of what holds it
 */
export function checkValue(raw: unknown, place: string, depth: number, limits: StoreLimits): Value {
  switch (typeof raw) {
    case 'string':
      return checkText(raw, place);
    case 'boolean':
      return raw;
    case 'number':
      if (!Number.isFinite(raw)) throw invalid(`${place} is not a finite number`);
      // JSON has no negative zero, so that it would not come back.
      return raw === 0 ? 0 : raw;
    case 'object':
      return raw === null ? null : checkStructure(raw, place, depth + 1, limits);
    default:
      throw invalid(`${place} is of a kind that JSON does not have`);
  }
}

function checkText(text: string, place: string): string {
  const problem = textProblem(text);
  if (problem !== undefined) throw invalid(`${place} cannot be kept: ${problem}`);
  return text;
}

function checkStructure(raw: object, place: string, depth: number, limits: StoreLimits): Value {
  if (raw instanceof Date) {
    if (Number.isNaN(raw.getTime())) throw invalid(`${place} is not a date`);
    return new Date(raw);
  }
  if (Array.isArray(raw)) {
    checkDepth(place, depth, limits);
    return Array.from(raw, (item, index) => checkValue(item, `${place}.${index}`, depth, limits));
  }
  if (!isPlainObject(raw)) throw invalid(`${place} is of a kind that JSON does not have`);
  return copyObject(raw, place, depth, limits);
}

function copyObject(raw: object, place: string, depth: number, limits: StoreLimits): Document {
  checkDepth(place, depth, limits);
  const copy: Record<string, Value> = {};
  for (const [name, value] of Object.entries(raw)) {
    const problem = fieldNameProblem(name);
    if (problem !== undefined) {
      throw invalid(
        `the name ${JSON.stringify(name.slice(0, 100))} cannot be a field's: ${problem}`,
      );
    }
    copy[name] = checkValue(value, place === '' ? name : `${place}.${name}`, depth, limits);
  }
  return copy;
}

function checkDepth(place: string, depth: number, limits: StoreLimits): void {
  if (depth > limits.documentDepthMax) {
    throw invalid(`${place.slice(0, 100)} is nested deeper than ${limits.documentDepthMax} levels`);
  }
}

function isPlainObject(raw: unknown): raw is object {
  if (!isObject(raw)) return false;
  const prototype: unknown = Object.getPrototypeOf(raw);
  return prototype === Object.prototype || prototype === null;
}

function invalid(state: string): PortcullisError {
  return new PortcullisError('DOCUMENT_INVALID', `Cannot keep a document: ${state}`);
}
