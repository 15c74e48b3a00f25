/** Reads the body of a request as the JSON object, or list, that it has to be. */

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { invalidJson, invalidRequest, unsupportedValues, wrongType } from './failures.ts';
import { Failure } from './outcome.ts';

export interface BodyLimits {
  readonly bytesMax: number;
  /** Objects and lists within each other; the body itself is level 1. */
  readonly depthMax: number;
}

/** Bytes as Pulp's Django had them; levels as the store has them for a document. */
export const bodyLimits: BodyLimits = { bytesMax: 5 * 1024 * 1024, depthMax: 32 };

export type RequestObject = Readonly<Record<string, unknown>>;

/** @param isOptional whether nothing at all stands for an empty object */
export async function readObject(
  request: IncomingMessage,
  limits: BodyLimits,
  isOptional: boolean,
): Promise<RequestObject | Failure> {
  const value = await readJson(request, limits, isOptional ? {} : undefined);
  if (value instanceof Failure) return value;
  return isObject(value) ? value : wrongType('dict');
}

export async function readList(
  request: IncomingMessage,
  limits: BodyLimits,
): Promise<readonly unknown[] | Failure> {
  const value = await readJson(request, limits, undefined);
  if (value instanceof Failure) return value;
  return Array.isArray(value) ? value : wrongType('list');
}

/** @param empty what nothing at all stands for */
async function readJson(
  request: IncomingMessage,
  limits: BodyLimits,
  empty: RequestObject | undefined,
): Promise<unknown> {
  const bytes = await readBytes(request, limits.bytesMax);
  if (bytes instanceof Failure) return bytes;
  if (bytes.length === 0 && empty !== undefined) return empty;
  if (!isUtf8(bytes)) return invalidRequest('PLP0019', 'The data is not encoded in UTF-8.');
  return parseJson(bytes, limits.depthMax);
}

async function readBytes(request: IncomingMessage, bytesMax: number): Promise<Buffer | Failure> {
  const tooLarge = new Failure({
    status: 413,
    code: 'BODY_TOO_LARGE',
    text: `The body is larger than ${bytesMax} bytes.`,
  });
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return tooLarge;
  const chunks: Buffer[] = [];
  let length = 0;
  // The end of the loop is not the end of the request: it has to be answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > bytesMax) return tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** JSON from outside, wherever it stands. `__proto__` is no name of a property here. */
export function parseJson(bytes: Buffer, depthMax: number): unknown {
  if (isDeeper(bytes, depthMax)) {
    return invalidRequest('PLP1009', `The JSON data is nested deeper than ${depthMax} levels.`);
  }
  let hasPrototype = false;
  try {
    const text = bytes.toString('utf8');
    const value: unknown = JSON.parse(text);
    // Escapes spell the name in other ways, so that every text with one is looked at.
    if (/__proto__|\\u/.test(text)) hasPrototype = namesPrototype(value);
    return hasPrototype ? unsupportedValues(['__proto__']) : value;
  } catch {
    return invalidJson();
  }
}

/** Counts brackets outside of texts, before anything is built of them. */
function isDeeper(bytes: Buffer, depthMax: number): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (isText) {
      if (byte === backslash) at += 1;
      else if (byte === quote) isText = false;
    } else if (byte === quote) {
      isText = true;
    } else if (byte === openBrace || byte === openBracket) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (byte === closeBrace || byte === closeBracket) {
      depth -= 1;
    }
  }
  return false;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

function namesPrototype(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(namesPrototype);
  if (!isObject(value)) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(namesPrototype);
}

function isObject(value: unknown): value is RequestObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
