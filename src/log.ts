/**
 * The JSON log: one object on one line for each event, with redaction at the serializer.
 *
 * No value can start a second line or drive a terminal (T87): JSON escapes the control characters of
 * ASCII, and the others that terminals and readers of lines obey are escaped here.
 */

import { maskTokens } from './token-form.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each of its lines. */
  child(fields: LogFields): Logger;
}

export interface LogOptions {
  /** Lines below this level are not written. */
  readonly level: LogLevel;
  /** Receives whole lines, each with its line feed. */
  readonly write: (line: string) => void;
  readonly now?: () => Date;
}

/** The longest string value of a log line, in UTF-16 code units; what is over it is cut. */
export const logValueCharactersMax = 8192;

const redacted = '[secret]';

/** A field with one of these names, in any case and with `-` or `_` in it, is never written. */
const secretNames = new Set([
  'password',
  'passwd',
  'secret',
  'token',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'privatekey',
  'key',
  'pem',
  'credentials',
]);

const privateKeyBlock = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

export function createLogger(options: LogOptions): Logger {
  return makeLogger(options, {});
}

/** A line for people: the message, and what the fields say besides its time and level. */
export function describeLogLine(line: string): string {
  const { time: _, level: __, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const details = Object.entries(fields).map(([name, value]) => `${name} ${describeField(value)}`);
  return [String(message), ...(details.length > 0 ? [details.join(', ')] : [])].join(': ');
}

/**
 * A line that says the same in at most `bytesMax` bytes (200 or more): its longest texts are cut, and
 * where that is not enough it is left with its time, level and message. `cutFromBytes` says how long
 * it was.
 */
export function shortenLine(line: string, bytesMax: number): string {
  const fields = JSON.parse(line) as Record<string, unknown>;
  const cutFromBytes = Buffer.byteLength(line);
  for (let characters = bytesMax; characters >= 16; characters /= 2) {
    const shorter = lineOf({ ...(cutTexts(fields, characters) as LogFields), cutFromBytes });
    if (Buffer.byteLength(shorter) <= bytesMax) return shorter;
  }
  const { time, level, message } = fields;
  return lineOf({ ...(cutTexts({ time, level, message }, 24) as LogFields), cutFromBytes });
}

function cutTexts(value: unknown, characters: number): unknown {
  if (typeof value === 'string') return cut(value, characters);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => cutTexts(each, characters));
  const entries = Object.entries(value).map(([name, each]) => [name, cutTexts(each, characters)]);
  return Object.fromEntries(entries);
}

function describeField(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function makeLogger(options: LogOptions, bound: LogFields): Logger {
  const threshold = logLevels.indexOf(options.level);
  const now = options.now ?? (() => new Date());
  const write = (level: LogLevel, message: string, fields?: LogFields): void => {
    if (logLevels.indexOf(level) < threshold) return;
    const line = { time: now().toISOString(), level, message, ...bound, ...fields };
    options.write(lineOf(redactFields(line, 0)));
  };
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
    child: (fields) => makeLogger(options, { ...bound, ...fields }),
  };
}

function lineOf(fields: LogFields): string {
  return `${escapeControls(JSON.stringify(fields))}\n`;
}

/** DEL, the C1 controls (U+009B begins a command of a terminal), line ends and turns of direction. */
const beyondAscii = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** In the text of a JSON value such a character stands inside a string, where the escape means it. */
function escapeControls(json: string): string {
  return json.replaceAll(
    beyondAscii,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** How deep a value may be nested; what lies deeper is named and not written. */
export const logDepthMax = 8;

/** Before JSON.stringify, which would throw at a circle: no value that is logged may do harm. */
function redactFields(fields: object, depth: number): Record<string, unknown> {
  const redactedFields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) redactedFields[name] = redact(name, value, depth);
  }
  return redactedFields;
}

function redact(name: string, value: unknown, depth: number): unknown {
  if (value === null) return value;
  if (secretNames.has(name.toLowerCase().replaceAll(/[-_]/g, ''))) return redacted;
  switch (typeof value) {
    case 'string':
      return redactText(value);
    case 'bigint':
      return value.toString();
    case 'object':
      return depth < logDepthMax ? redactObject(value, depth + 1) : '[too deep]';
    default:
      return value;
  }
}

function redactObject(value: object, depth: number): unknown {
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    return redactFields({ name, message, stack, cause }, depth);
  }
  if (Array.isArray(value)) return value.map((element) => redact('', element, depth));
  return value instanceof Date ? value.toISOString() : redactFields(value, depth);
}

function redactText(value: string): string {
  return privateKeyBlock.test(value) ? redacted : cut(maskTokens(value), logValueCharactersMax);
}

function cut(value: string, characters: number): string {
  return value.length > characters
    ? `${value.slice(0, characters)}… (${value.length} characters)`
    : value;
}
