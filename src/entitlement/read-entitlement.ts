/**
 * What the extensions of a certificate entitle to. They are of Red Hat's arc, in two versions: paths
 * in extensions of their own (1), and all paths in one compressed payload (3).
 */

import { isUtf8 } from 'node:buffer';
import { DerError, derTags, readWhole } from '../identity/der.ts';
import type { Unusable } from '../model.ts';
import { type EntitlementLimits, entitlementLimits } from './limits.ts';
import type { PathGraph } from './path-graph.ts';
import { PathList } from './path-list.ts';
import { decodePayload } from './payload.ts';

/** Object identifiers of the extensions that are read. */
const arc = '1.3.6.1.4.1.2312.9';
const orderNameOid = `${arc}.4.1`;
const versionOid = `${arc}.6`;
const payloadOid = `${arc}.7`;
/** `<arc>.2.<content>.1.6`. */
const contentPathOid = /^1\.3\.6\.1\.4\.1\.2312\.9\.2\.\d+\.1\.6$/;

/** One spelling for each version, so that nobody reads another one (T46b). */
const versionPattern = /^(0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2}))?$/;

const stringTags: ReadonlySet<number> = new Set([
  derTags.utf8String,
  derTags.ia5String,
  derTags.printableString,
]);

/**
 * @param extensions values by object identifier, each there once
 * @returns the grants, or a clause why there are none, as "it is not an entitlement certificate"
 */
export function readEntitlement(
  extensions: ReadonlyMap<string, Uint8Array>,
  limits: EntitlementLimits = entitlementLimits,
): PathList | PathGraph | Unusable {
  try {
    const written = extensions.get(versionOid);
    const version = written === undefined ? '1.0' : readText(written, 'entitlement version');
    switch (versionPattern.exec(version)?.[1]) {
      case '1':
        return readVersion1(extensions, limits);
      case '3':
        return readVersion3(extensions, limits);
      default:
        return { unusable: 'its entitlement is neither of version 1 nor of version 3' };
    }
  } catch (error) {
    if (error instanceof DerError) return { unusable: error.message };
    throw error;
  }
}

function readVersion1(
  extensions: ReadonlyMap<string, Uint8Array>,
  limits: EntitlementLimits,
): PathList | Unusable {
  if (extensions.has(payloadOid)) {
    return { unusable: 'its entitlement is of version 1, and has a payload of version 3' };
  }
  if (!extensions.has(orderNameOid)) {
    return { unusable: 'it is not an entitlement certificate' };
  }
  const paths = [...extensions]
    .filter(([oid]) => contentPathOid.test(oid))
    .map(([, value]) => readText(value, 'path of a content'));
  return new PathList(paths, limits.comparisonsMax);
}

/** Paths in extensions of their own are none of this version, and are not looked at. */
function readVersion3(
  extensions: ReadonlyMap<string, Uint8Array>,
  limits: EntitlementLimits,
): PathGraph | Unusable {
  const payload = extensions.get(payloadOid);
  if (payload === undefined) {
    return { unusable: 'its entitlement is of version 3, and has no payload' };
  }
  const { content } = readWhole(payload, derTags.octetString, 'entitlement payload');
  return decodePayload(content, limits);
}

/** A DER string, or the text itself as some CAs write it: no text begins with the tag of a string. */
function readText(value: Uint8Array, what: string): string {
  const [tag] = value;
  const isString = tag !== undefined && stringTags.has(tag);
  const bytes = isString ? readWhole(value, tag, what).content : value;
  if (!isUtf8(bytes)) throw new DerError(`its ${what} is not UTF-8`);
  const text = Buffer.from(bytes).toString('utf8');
  if (/\p{Cc}/u.test(text)) throw new DerError(`its ${what} has a control character`);
  return text;
}
