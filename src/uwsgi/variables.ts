/**
 * The variables of one packet, and what to make of a name that stands twice (T03).
 *
 * nginx before 1.23 sends a client's repeated header as repeated variables, and any nginx sends a
 * parameter twice that is configured twice. So repetition is refused only where it could make two
 * readers see two values: which one to believe would be the sender's choice.
 */

import { UwsgiRefusal } from './refusal.ts';

/** A `Map`, so that `__proto__` and `constructor` are names as any other (T57). */
export type VariableMap = ReadonlyMap<string, string>;

/**
 * Adds one variable by the rules above.
 *
 * - A name without `HTTP_`, and HTTP_HOST, which only the front's configuration can repeat: the same
 *   value again is harmless, another value is refused.
 * - Headers that decide who the client is or where its message ends: refused.
 * - Other headers are joined with `, `, Cookie with `; ` (RFC 9110 §5.3, RFC 9113 §8.2.3).
 */
export function addVariable(variables: Map<string, string>, name: string, value: string): void {
  const present = variables.get(name);
  variables.set(name, present === undefined ? value : combine(name, present, value));
}

/** Names as a front makes them of header fields and configuration: visible ASCII, without spaces. */
const variableName = /^[!-~]+$/;

export function isVariableName(name: string): boolean {
  return variableName.test(name);
}

const headersSentOnce = new Set([
  'HTTP_AUTHORIZATION',
  'HTTP_PROXY_AUTHORIZATION',
  'HTTP_CONTENT_LENGTH',
  'HTTP_TRANSFER_ENCODING',
]);

/** Names under which fronts are known to pass certificates and users on, in any variation. */
const identityHeader = /CERT|SSL|TLS|VERIFY|REMOTE_USER|FORWARDED_USER/i;

function combine(name: string, present: string, value: string): string {
  if (!name.startsWith('HTTP_') || name === 'HTTP_HOST') {
    if (present === value) return value;
    throw repeated(name, 'with different values');
  }
  if (headersSentOnce.has(name) || identityHeader.test(name)) {
    throw repeated(name, 'where one is allowed');
  }
  return `${present}${name === 'HTTP_COOKIE' ? '; ' : ', '}${value}`;
}

function repeated(name: string, state: string): UwsgiRefusal {
  return new UwsgiRefusal(
    'variable-repeated',
    `Cannot read a uwsgi packet: the variable ${name} was sent twice ${state}; it has to be sent once`,
  );
}
