/**
 * Certificate revocation lists (RFC 5280 section 5), parsed strictly. Whatever makes a list say less
 * than "these, and no others, of this CA" is refused (T13): delta lists, indirect lists, lists of a part.
 */

import {
  DerError,
  DerReader,
  derTags,
  readBoolean,
  readOctetAlignedBits,
  readOid,
  readUnsigned,
  readWhole,
} from '../identity/der.ts';
import { parseName } from '../identity/distinguished-name.ts';
import type { NameAttribute } from '../plugin.ts';
import { DerCursor } from './der-cursor.ts';
import { hasTime, readTime } from './der-time.ts';
import { noEntries, readEntries } from './entries.ts';
import { listNumberBytesMax } from './limits.ts';
import type { SerialArrays } from './serial-table.ts';

/** What a list says, before anybody has looked at who signed it. */
export interface RevocationList {
  /** The signed part, as it was received. */
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
  /** The whole AlgorithmIdentifier in lower-case hex. */
  readonly signatureAlgorithm: string;
  readonly issuer: readonly NameAttribute[];
  /** The name's DER in hex. */
  readonly issuerId: string;
  /** Undefined when the list has none. */
  readonly number: bigint | undefined;
  /** Unix times, seconds. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly entries: SerialArrays;
}

/** The list, or a clause that says why it is none or is not taken, as "it has no nextUpdate". */
export function parseRevocationList(
  der: Uint8Array,
): RevocationList | { readonly problem: string } {
  try {
    return readList(der);
  } catch (error) {
    if (error instanceof DerError) return { problem: error.message };
    throw error;
  }
}

function readList(der: Uint8Array): RevocationList {
  const cursor = new DerCursor(der);
  const end = cursor.enter(derTags.sequence, der.length, 'outer structure');
  if (end !== der.length) throw new DerError('its outer structure holds more than it may');
  const tbs = cursor.take(derTags.sequence, end, 'signed part');
  const signatureAlgorithm = hex(cursor.take(derTags.sequence, end, 'signature algorithm'));
  const signature = readBits(cursor.take(derTags.bitString, end, 'signature'));
  cursor.finish(end, 'outer structure');
  const { signedAlgorithm, ...said } = readSigned(tbs);
  if (signedAlgorithm !== signatureAlgorithm) {
    throw new DerError('its two statements of the signature algorithm differ');
  }
  return { tbs, signature, signatureAlgorithm, ...said };
}

function readSigned(tbs: Uint8Array) {
  const cursor = new DerCursor(tbs);
  const end = cursor.enter(derTags.sequence, tbs.length, 'signed part');
  const isVersion2 = readVersion(cursor, end);
  const signedAlgorithm = hex(cursor.take(derTags.sequence, end, 'signature algorithm'));
  const issuer = cursor.take(derTags.sequence, end, 'issuer');
  const thisUpdate = readTime(cursor, end, 'thisUpdate');
  if (!hasTime(cursor, end)) throw new DerError('it has no nextUpdate, and would be good for ever');
  const nextUpdate = readTime(cursor, end, 'nextUpdate');
  if (nextUpdate <= thisUpdate) throw new DerError('its nextUpdate is not after its thisUpdate');
  let entries = noEntries();
  if (cursor.has(derTags.sequence, end)) {
    const entriesEnd = cursor.enter(derTags.sequence, end, 'list of revoked certificates');
    entries = readEntries(cursor, entriesEnd, isVersion2);
  }
  const number = isVersion2 && cursor.offset < end ? readExtensions(cursor, end) : undefined;
  cursor.finish(end, 'signed part');
  return {
    signedAlgorithm,
    issuer: parseName(issuer, 'issuer'),
    issuerId: hex(issuer),
    number,
    thisUpdate,
    nextUpdate,
    entries,
  };
}

/** Section 5.1.2.1: version 1 is never written, and knows no extensions. */
function readVersion(cursor: DerCursor, end: number): boolean {
  if (!cursor.has(derTags.integer, end)) return false;
  const version = readWhole(
    cursor.take(derTags.integer, end, 'version'),
    derTags.integer,
    'version',
  );
  if (hex(version.content) !== '01') throw new DerError('its version is not known');
  return true;
}

const extensionOids = {
  authorityKeyId: '2.5.29.35',
  deltaIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  number: '2.5.29.20',
} as const;

/** @returns the list's number */
function readExtensions(cursor: DerCursor, tbsEnd: number): bigint | undefined {
  const wrapper = 0xa0;
  const end = cursor.enter(wrapper, tbsEnd, 'extensions');
  const list = cursor.take(derTags.sequence, end, 'extensions');
  cursor.finish(end, 'extensions');
  const reader = new DerReader(readWhole(list, derTags.sequence, 'extensions').content);
  const seen = new Set<string>();
  let number: bigint | undefined;
  while (!reader.done) {
    const extension = new DerReader(reader.read(derTags.sequence, 'extensions').content);
    const oid = readOid(extension.read(derTags.oid, 'extensions').content, 'extensions');
    const what = `extension ${oid}`;
    if (seen.has(oid)) throw new DerError(`its ${what} is there twice`);
    seen.add(oid);
    const critical = extension.readOptional(derTags.boolean, what);
    const { content } = extension.read(derTags.octetString, what);
    extension.end(what);
    if (oid === extensionOids.number) number = readNumber(content);
    else
      refuseExtension(oid, content, critical !== undefined && readBoolean(critical.content, what));
  }
  return number;
}

function refuseExtension(oid: string, content: Uint8Array, isCritical: boolean): void {
  switch (oid) {
    case extensionOids.authorityKeyId:
      return;
    case extensionOids.deltaIndicator:
      throw new DerError('it is a delta list, which says only what changed; name the full list');
    case extensionOids.issuingDistributionPoint:
      throw new DerError(
        isIndirect(content)
          ? 'it is an indirect list, with certificates of other CAs'
          : 'it covers only a part of what its CA issues (issuingDistributionPoint); name the full list',
      );
    default:
      if (isCritical)
        throw new DerError(`it has a critical extension that is not known here (${oid})`);
  }
}

/** Section 5.2.5: [4] indirectCRL. */
function isIndirect(content: Uint8Array): boolean {
  const what = 'issuingDistributionPoint';
  const reader = new DerReader(readWhole(content, derTags.sequence, what).content);
  while (!reader.done) {
    const field = reader.readAny(what);
    if (field.tag === 0x84) return readBoolean(field.content, what);
  }
  return false;
}

function readNumber(content: Uint8Array): bigint {
  const integer = readWhole(content, derTags.integer, 'number').content;
  const magnitude = readUnsigned(integer, 'number');
  if (magnitude.length > listNumberBytesMax) {
    throw new DerError(`its number is longer than ${listNumberBytesMax} bytes`);
  }
  return BigInt(`0x0${hex(magnitude)}`);
}

/** A BIT STRING whose bits fill whole bytes. */
function readBits(raw: Uint8Array): Uint8Array {
  const { content } = readWhole(raw, derTags.bitString, 'signature');
  return readOctetAlignedBits(content, 'signature');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
