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
map $request_uri $portcullis_has_secret {
  default 0;
  "~\\?.|${escapedPrefix}" 1;
}
map $portcullis_has_secret $portcullis_referrer_policy {
  default "";
  1 no-referrer;
}
map $portcullis_has_secret$request_uri $portcullis_logged_path {
  "~^0([^?]*)" $1;
${maskedPaths('1', '[^?]', escapedPrefix)}
}
map $request_uri $portcullis_logged_query {
  default "";
  "~\\?" "?[query]";
}
map $uri $portcullis_decoded_path {
${maskedPaths('', '[\\s\\S]', tokenPrefix)}
}
# As the format \`combined\`, without the name in an Authorization header, which nobody has verified, and
# without the Referer, which may be a signed URL.
log_format portcullis_access '$remote_addr - - [$time_local] '
  '"$request_method $portcullis_logged_path$portcullis_logged_query $server_protocol" '
  '$status $body_bytes_sent "-" "$http_user_agent" $request_id';`;
}

/**
 * The rows of a map that give a path without its tokens. Where there are two, nothing behind the first is
 * left.
 *
 * @param before what stands before the path
 * @param any a character of the path
 */
function maskedPaths(before: string, any: string, prefix: string): string {
  const masked = `${tokenPrefix}[secret]`;
  return `  "~^${before}(${any}*?)${prefix}${any}*${prefix}" "$1${masked}";
  "~^${before}(${any}*?)${prefix}[^/?]{${tokenCharactersMin},}(${any}*)" "$1${masked}$2";
  "~^${before}(${any}*)" $1;`;
}

/** A line costs nginx as much as a small file when each is written by itself. */
const buffered = 'buffer=64k flush=1s';

/** For the `server` block. */
export function accessLogDirective(nginx: NginxConfiguration): string {
  const file = besideRefusals(nginx, nginx.accessLog, 'portcullis-access.log');
  return `access_log ${quote(file)} portcullis_access ${buffered};`;
}

/** For a location that serves by a decision that nginx remembers. */
export function decisionLogDirective(nginx: NginxConfiguration): string {
  const file = besideRefusals(nginx, nginx.decisionLog, 'portcullis-decisions.log');
  return `access_log ${quote(file)} portcullis_decisions ${buffered} if=$portcullis_decided;`;
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
