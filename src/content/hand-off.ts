/** The header that tells a front which file to send. */

import type { HandOff } from '../config/configuration.ts';
import {
  directoryLocation,
  internalLocation,
  publicationLocation,
} from '../front/internal-location.ts';
import { encodePath, pathToBytes } from '../http/canonical-path.ts';
import type { Served } from './decide.ts';
import type { FoundFile } from './find.ts';
import type { Publication } from './published.ts';

/**
 * The longest value, in bytes. A front reads our whole header into one buffer, which in nginx has
 * 4096 bytes by default (`uwsgi_buffer_size`, `proxy_buffer_size`); what is longer is streamed.
 */
export const handOffValueBytesMax = 2048;

export interface HandOffHeader {
  readonly name: 'X-Accel-Redirect' | 'X-Sendfile';
  readonly value: string;
}

/** A directory whose files are handed over. */
export interface HandOffSource {
  /** Absolute path, as the front is told it. */
  readonly directory: string;
  /** The internal location of nginx for it; begins and ends with `/`. */
  readonly location: string;
}

/** @param internalPrefix the internal location of nginx; begins and ends with `/` */
export function sourceOf(
  { relativeUrl, root, stored }: Pick<Served, 'relativeUrl' | 'root' | 'stored'>,
  publication: Publication | undefined,
  internalPrefix: string,
): HandOffSource {
  if (publication !== undefined) {
    const { id, directory } = publication;
    return { directory, location: publicationLocation(internalPrefix, id) };
  }
  const location =
    stored === undefined
      ? internalLocation(internalPrefix, relativeUrl)
      : directoryLocation(internalPrefix, root);
  return { directory: root, location };
}

/**
 * The one header for `found`, or undefined when this front cannot be given this file's name, which
 * is then streamed. The path has no symbolic link in it, so that the front needs to follow none.
 */
export function handOffHeader(
  handOff: HandOff,
  found: Pick<FoundFile, 'path'>,
  source: HandOffSource,
): HandOffHeader | undefined {
  const header = headerFor(handOff, found, source);
  return header && header.value.length <= handOffValueBytesMax ? header : undefined;
}

function headerFor(
  handOff: HandOff,
  found: Pick<FoundFile, 'path'>,
  { directory, location }: HandOffSource,
): HandOffHeader | undefined {
  switch (handOff) {
    case 'stream':
      return undefined;
    case 'x-accel-redirect':
      return { name: 'X-Accel-Redirect', value: encodePath(location + found.path.slice(1)) };
    case 'x-sendfile':
      return rawSendfile(directory + found.path);
    case 'x-sendfile-encoded':
      return encodedSendfile(directory + found.path);
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
