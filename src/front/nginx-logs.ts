/** What nginx writes down of a request: nothing that would let anybody in (T62). */

import path from 'node:path';
import type { NginxConfiguration } from '../config/configuration.ts';
import { tokenPrefix } from '../token-form.ts';
import { quote } from './nginx-quote.ts';

/** How much has to follow the prefix of a token to be taken for one, in characters: even a part of it. */
const tokenCharactersMin = 8;

/** For the `http` block: the path as it may be written down, and the line of the access log. */
export function logMaps(): string {
  return `# No log gets the token that stands in a path, or the query, where the signature of a URL stands.
${maskedPath('$request_uri', 'portcullis_logged_path', '[^?]', escapedPrefix)}
${maskedPath('$uri', 'portcullis_decoded_path', '[\\s\\S]', tokenPrefix)}
map $request_uri $portcullis_logged_query {
  default "";
  "~\\?" "?[query]";
}
map $request_uri $portcullis_has_secret {
  default 0;
  "~\\?." 1;
  "~${escapedPrefix}" 1;
}
map $portcullis_has_secret $portcullis_referrer_policy {
  default "";
  1 no-referrer;
}
# As the format \`combined\`, without the name in an Authorization header, which nobody has verified, and
# without the Referer, which may be a signed URL.
log_format portcullis_access '$remote_addr - - [$time_local] '
  '"$request_method $portcullis_logged_path$portcullis_logged_query $server_protocol" '
  '$status $body_bytes_sent "-" "$http_user_agent" $request_id';`;
}

/**
 * A map of `source` without its tokens. Where there are two, nothing behind the first is left.
 *
 * @param any a character of the path
 */
function maskedPath(source: string, variable: string, any: string, prefix: string): string {
  const masked = `${tokenPrefix}[secret]`;
  return `map ${source} $${variable} {
  "~^(${any}*?)${prefix}${any}*${prefix}" "$1${masked}";
  "~^(${any}*?)${prefix}[^/?]{${tokenCharactersMin},}(${any}*)" "$1${masked}$2";
  "~^(${any}*)" $1;
}`;
}

/** For the `server` block. */
export function accessLogDirective(nginx: NginxConfiguration): string {
  const file = besideRefusals(nginx, nginx.accessLog, 'portcullis-access.log');
  return `access_log ${quote(file)} portcullis_access;`;
}

/** For a location that serves by a decision that nginx remembers. */
export function decisionLogDirective(nginx: NginxConfiguration): string {
  const file = besideRefusals(nginx, nginx.decisionLog, 'portcullis-decisions.log');
  return `access_log ${quote(file)} portcullis_decisions if=$portcullis_decided;`;
}

/**
 * For a location: nginx writes the whole request line beside each of its errors, and masks nothing, but
 * a location may have an error log of its own.
 */
export const quietErrorLog = `# Beside an error nginx writes the whole request line: the refusal log says what is to be said of it.
error_log /dev/null crit;`;

/** The file that was configured, or one in the directory of the refusal log. */
function besideRefusals(
  { refusalLog }: NginxConfiguration,
  configured: string | undefined,
  name: string,
): string {
  return configured ?? path.join(path.dirname(refusalLog), name);
}

/** The prefix of a token, each character plain or escaped: both are one path. */
const escapedPrefix = Array.from(tokenPrefix, (character) => {
  const hex = character.charCodeAt(0).toString(16);
  const anyCase = hex.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
  return `(?:${character}|%${anyCase})`;
}).join('');
