/** The header that tells a front which file to send. */

import type { HandOff } from '../config/configuration.ts';
import { internalLocation } from '../front/internal-location.ts';
import { encodePath, pathToBytes } from '../http/canonical-path.ts';
import type { Distribution } from '../model.ts';
import type { FoundFile } from './find.ts';

/**
 * The longest value, in bytes. A front reads our whole header into one buffer, which in nginx has
 * 4096 bytes by default (`uwsgi_buffer_size`, `proxy_buffer_size`); what is longer is streamed.
 */
export const handOffValueBytesMax = 2048;

export interface HandOffHeader {
  readonly name: 'X-Accel-Redirect' | 'X-Sendfile';
  readonly value: string;
}

/**
 * The one header for `found`, or undefined when this front cannot be given this file's name, which
 * is then streamed. The path has no symbolic link in it, so that the front needs to follow none.
 *
 * @param internalPrefix the internal location of nginx; begins and ends with `/`
 */
export function handOffHeader(
  handOff: HandOff,
  found: FoundFile,
  distribution: Distribution,
  internalPrefix: string,
): HandOffHeader | undefined {
  const header = headerFor(handOff, found, distribution, internalPrefix);
  return header && header.value.length <= handOffValueBytesMax ? header : undefined;
}

function headerFor(
  handOff: HandOff,
  found: FoundFile,
  distribution: Distribution,
  internalPrefix: string,
): HandOffHeader | undefined {
  switch (handOff) {
    case 'stream':
      return undefined;
    case 'x-accel-redirect': {
      const location = internalLocation(internalPrefix, distribution.relativeUrl);
      return { name: 'X-Accel-Redirect', value: encodePath(location + found.path.slice(1)) };
    }
    case 'x-sendfile':
      return rawSendfile(distribution.root + found.path);
    case 'x-sendfile-encoded':
      return encodedSendfile(distribution.root + found.path);
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control bytes are what it looks for.
const asciiControl = /[\x00-\x1f\x7f]/;

/** What a header value can carry as it is (RFC 9110 §5.5), with no space for a front to trim. */
const rawValue = /^[\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff]$/;

/** mod_xsendfile 0.12 takes the bytes as they are: a CR, LF or other control byte cannot be sent. */
function rawSendfile(path: string): HandOffHeader | undefined {
  const value = pathToBytes(path).toString('latin1');
  return rawValue.test(value) ? { name: 'X-Sendfile', value } : undefined;
}

/**
 * lighttpd answers 502 for a name that is not UTF-8, and looks for `_` in place of a control byte:
 * another file.
 */
function encodedSendfile(path: string): HandOffHeader | undefined {
  return path.isWellFormed() && !asciiControl.test(path)
    ? { name: 'X-Sendfile', value: encodePath(path) }
    : undefined;
}
