/** The head of a request: method, target, version and headers in node:http's shapes. Pure. */

import { UwsgiRefusal } from './refusal.ts';
import { readTarget } from './target.ts';
import type { VariableMap } from './variables.ts';

export interface RequestHead {
  readonly method: string;
  /** In origin form, raw. */
  readonly url: string;
  readonly httpVersionMajor: number;
  readonly httpVersionMinor: number;
  /** Lower-case names; `set-cookie` is an array. */
  readonly headers: Record<string, string | string[]>;
  /** Names and values by turns. The names are lower-case: a packet does not keep their case. */
  readonly rawHeaders: string[];
}

/**
 * Reads what every application needs of a packet's variables. Headers with an empty value count as
 * absent, but for If-Range: fronts send configured parameters even where their variable is empty.
 *
 * @throws UwsgiRefusal
 */
export function readHead(variables: VariableMap, uriBytes: number): RequestHead {
  const method = readMethod(variables);
  const [httpVersionMajor, httpVersionMinor] = readVersion(variables);
  const url = readTarget(variables, method, uriBytes);
  return { method, url, httpVersionMajor, httpVersionMinor, ...readHeaders(variables) };
}

/** A token (RFC 9110 §9.1); no registered method has more than 17 characters. */
const methodToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}$/;

function readMethod(variables: VariableMap): string {
  const method = variables.get('REQUEST_METHOD') ?? '';
  if (methodToken.test(method)) return method;
  throw malformed('REQUEST_METHOD is no method');
}

function readVersion(variables: VariableMap): readonly [number, number] {
  const protocol = variables.get('SERVER_PROTOCOL') || 'HTTP/1.1';
  const digits = /^HTTP\/([0-9])(?:\.([0-9]))?$/.exec(protocol);
  if (digits === null) throw malformed('SERVER_PROTOCOL is no HTTP version');
  return [Number(digits[1]), Number(digits[2] ?? 0)];
}

const headerPrefix = 'HTTP_';

/**
 * HTTP_CONTENT_TYPE and HTTP_CONTENT_LENGTH repeat what CONTENT_TYPE and CONTENT_LENGTH say better: a
 * front empties those where it passes no body on. HTTP_TRANSFER_ENCODING is about a body whose
 * framing is gone when CONTENT_LENGTH says its length.
 */
function readHeaders(variables: VariableMap): Pick<RequestHead, 'headers' | 'rawHeaders'> {
  const headers: Record<string, string | string[]> = {};
  const rawHeaders: string[] = [];
  const add = (name: string, value: string): void => {
    if (Object.hasOwn(headers, name)) throw malformed('two variables stand for the same header');
    if (!headerToken.test(name)) throw malformed('the name of a header is no token');
    if (!headerValue.test(value)) throw malformed('a header holds a control character');
    headers[name] = name === 'set-cookie' ? [value] : value;
    rawHeaders.push(name, value);
  };
  const type = variables.get('CONTENT_TYPE') ?? '';
  const length = variables.get('CONTENT_LENGTH') ?? '';
  if (type !== '') add('content-type', type);
  if (length !== '') add('content-length', length);
  const restated = length === '' ? contentVariables : bodyVariables;
  for (const [variable, value] of variables) {
    const isHeader = variable.startsWith(headerPrefix);
    const isSent = value !== '' || variable === conditionOfRange;
    if (isHeader && isSent && !restated.has(variable)) add(headerName(variable), value);
  }
  return { headers, rawHeaders };
}

/** An empty one holds for nothing, and has the front send the whole: without it, a range would be (T64). */
const conditionOfRange = 'HTTP_IF_RANGE';

const contentVariables = new Set(['HTTP_CONTENT_TYPE', 'HTTP_CONTENT_LENGTH']);
const bodyVariables = new Set([...contentVariables, 'HTTP_TRANSFER_ENCODING']);

const headerToken = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** What node:http's parser lets through; anything else could split a header further on (T73). */
const headerValue = /^[\t -~\x80-\xff]*$/;

/** A variable HTTP_X_Y stands for the header x-y (RFC 3875 §4.1.18). */
function headerName(variable: string): string {
  return (
    usualNames.get(variable) ??
    variable.slice(headerPrefix.length).replaceAll('_', '-').toLowerCase()
  );
}

/** What nearly every request has, looked up: the conversion is a tenth of a request's cost here. */
const usualNames: ReadonlyMap<string, string> = new Map([
  ['HTTP_HOST', 'host'],
  ['HTTP_USER_AGENT', 'user-agent'],
  ['HTTP_ACCEPT', 'accept'],
  ['HTTP_ACCEPT_ENCODING', 'accept-encoding'],
  ['HTTP_ACCEPT_LANGUAGE', 'accept-language'],
  ['HTTP_AUTHORIZATION', 'authorization'],
  ['HTTP_CACHE_CONTROL', 'cache-control'],
  ['HTTP_CONNECTION', 'connection'],
  ['HTTP_COOKIE', 'cookie'],
  ['HTTP_IF_MODIFIED_SINCE', 'if-modified-since'],
  ['HTTP_IF_NONE_MATCH', 'if-none-match'],
  ['HTTP_IF_RANGE', 'if-range'],
  ['HTTP_PRAGMA', 'pragma'],
  ['HTTP_RANGE', 'range'],
]);

function malformed(state: string): UwsgiRefusal {
  return new UwsgiRefusal('request-malformed', `Cannot read a request: ${state}`);
}
