/** The request target: `request.url` as node:http has it, from what the front sends. Pure. */

import { findMount } from './mount.ts';
import { UwsgiRefusal } from './refusal.ts';
import type { VariableMap } from './variables.ts';

/** A target holds no space, no control character and no DEL (RFC 9112 §3.2); other bytes may pass. */
const targetBytes = /^[!-~\x80-\xff]+$/;

/** `scheme://authority` in front of the path: a request in absolute form (RFC 9112 §3.2.2). */
const absoluteForm = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/;

/**
 * The target in origin form, raw, as the client sent it (RFC 9112 §3.2.1); `*` for OPTIONS.
 *
 * @throws UwsgiRefusal when there is none, it is no path, or it is longer than `uriBytes`
 */
export function readTarget(variables: VariableMap, method: string, uriBytes: number): string {
  const target = toOriginForm(variables.get('REQUEST_URI') || rebuild(variables));
  if (target.length > uriBytes) {
    throw new UwsgiRefusal(
      'uri-too-long',
      `Cannot read a request: its target has ${target.length} bytes, the limit is ${uriBytes}`,
    );
  }
  const isTarget = target.startsWith('/') || (target === '*' && method === 'OPTIONS');
  if (!isTarget || !targetBytes.test(target)) {
    throw new UwsgiRefusal(
      'request-malformed',
      'Cannot read a request: REQUEST_URI is no path; it begins with a slash and holds no space and no control character',
    );
  }
  return target;
}

function toOriginForm(target: string): string {
  if (target.startsWith('/')) return target;
  const authority = absoluteForm.exec(target)?.[0];
  if (authority === undefined) return target;
  const rest = target.slice(authority.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** For fronts that send no REQUEST_URI: the decoded path, escaped again, and the raw query. */
function rebuild(variables: VariableMap): string {
  const { scriptName, pathInfo } = findMount(variables);
  const path = escapeBytes(scriptName + pathInfo);
  const query = variables.get('QUERY_STRING') ?? '';
  return query === '' ? path : `${path}?${query}`;
}

/** Escapes every byte that is not a path character (RFC 3986 §3.3). */
function escapeBytes(path: string): string {
  return path.replaceAll(
    /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
