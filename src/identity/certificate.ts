/** X.509 certificates (RFC 5280 section 4.1), parsed strictly into plain values. */

import { createHash } from 'node:crypto';
import type { NameAttribute } from '../plugin.ts';
import { type CertificateExtensions, parseExtensions } from './certificate-extensions.ts';
import {
  DerError,
  DerReader,
  derTags,
  readOctetAlignedBits,
  readOid,
  readSmallInteger,
  readUnsigned,
  readWhole,
} from './der.ts';
import { parseTime } from './der-time.ts';
import { parseName } from './distinguished-name.ts';

export interface Certificate {
  readonly der: Uint8Array;
  /** The signed part, as it was received. */
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
  /** The whole AlgorithmIdentifier in lower-case hex; the signed copy is the same. */
  readonly signatureAlgorithm: string;
  /** SHA-256 of `der`, lower-case hex. */
  readonly fingerprint: string;
  /** Lower-case hex without leading zeros; `0` for zero (T19e). */
  readonly serial: string;
  readonly subject: readonly NameAttribute[];
  readonly issuer: readonly NameAttribute[];
  /** The names' DER in hex: two names are the same when all their bytes are. */
  readonly subjectId: string;
  readonly issuerId: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: PublicKeyInfo;
  readonly extensions: CertificateExtensions;
}

/** SubjectPublicKeyInfo, not yet judged. */
export interface PublicKeyInfo {
  readonly der: Uint8Array;
  /** Dotted object identifier. */
  readonly algorithm: string;
  /** DER of the algorithm's parameters; empty when there are none. */
  readonly parameters: Uint8Array;
  readonly key: Uint8Array;
}

/** RFC 5280 section 4.1.2.2. */
export const serialBytesMax = 20;

/** The certificate, or a clause that says why it is none, as "its serial number is negative". */
export function parseCertificate(der: Uint8Array): Certificate | { readonly problem: string } {
  try {
    return readCertificate(der);
  } catch (error) {
    if (error instanceof DerError) return { problem: error.message };
    throw error;
  }
}

export function fingerprintOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex');
}

function readCertificate(der: Uint8Array): Certificate {
  const outer = new DerReader(readWhole(der, derTags.sequence, 'outer structure').content);
  const tbs = outer.read(derTags.sequence, 'signed part');
  const signatureAlgorithm = outer.read(derTags.sequence, 'signature algorithm').raw;
  const signature = outer.read(derTags.bitString, 'signature').content;
  outer.end('outer structure');

  const reader = new DerReader(tbs.content);
  const version = readVersion(reader);
  const serial = reader.read(derTags.integer, 'serial number').content;
  const signedAlgorithm = reader.read(derTags.sequence, 'signature algorithm').raw;
  const issuer = reader.read(derTags.sequence, 'issuer').raw;
  const validity = new DerReader(reader.read(derTags.sequence, 'validity').content);
  const notBefore = readTime(validity);
  const notAfter = readTime(validity);
  validity.end('validity');
  const subject = reader.read(derTags.sequence, 'subject').raw;
  const publicKey = readPublicKey(reader.read(derTags.sequence, 'public key').raw);
  const extensions = readTail(reader, version);
  if (!Buffer.from(signedAlgorithm).equals(signatureAlgorithm)) {
    throw new DerError('its two statements of the signature algorithm differ');
  }
  return {
    der,
    tbs: tbs.raw,
    signature: readOctetAlignedBits(signature, 'signature'),
    signatureAlgorithm: hex(signatureAlgorithm),
    fingerprint: fingerprintOf(der),
    serial: readSerial(serial),
    subject: parseName(subject, 'subject'),
    issuer: parseName(issuer, 'issuer'),
    subjectId: hex(subject),
    issuerId: hex(issuer),
    notBefore,
    notAfter,
    publicKey,
    extensions,
  };
}

/** 0 for version 1, which is never written, and 2 for version 3. */
function readVersion(reader: DerReader): number {
  const wrapper = reader.readOptional(0xa0, 'version');
  if (wrapper === undefined) return 0;
  const { content } = readWhole(wrapper.content, derTags.integer, 'version');
  const version = readSmallInteger(content, 'version');
  if (version !== 1 && version !== 2) throw new DerError('its version is not known');
  return version;
}

/** The unique identifiers, which nobody reads, and the extensions. */
function readTail(reader: DerReader, version: number): CertificateExtensions {
  if (version >= 1) {
    reader.readOptional(0x81, 'issuer identifier');
    reader.readOptional(0x82, 'subject identifier');
  }
  const wrapper = version === 2 ? reader.readOptional(0xa3, 'extensions') : undefined;
  reader.end('signed part');
  return parseExtensions(wrapper?.content);
}

function readSerial(content: Uint8Array): string {
  const magnitude = readUnsigned(content, 'serial number');
  if (magnitude.length > serialBytesMax) {
    throw new DerError(`its serial number is longer than ${serialBytesMax} bytes`);
  }
  return hex(magnitude).replace(/^0/, '') || '0';
}

function readPublicKey(der: Uint8Array): PublicKeyInfo {
  const reader = new DerReader(readWhole(der, derTags.sequence, 'public key').content);
  const algorithm = new DerReader(reader.read(derTags.sequence, 'public key').content);
  const oid = readOid(algorithm.read(derTags.oid, 'public key').content, 'public key');
  const parameters = algorithm.done ? new Uint8Array() : algorithm.readAny('public key').raw;
  algorithm.end('public key');
  const key = reader.read(derTags.bitString, 'public key').content;
  reader.end('public key');
  return { der, algorithm: oid, parameters, key: readOctetAlignedBits(key, 'public key') };
}

function readTime(reader: DerReader): Date {
  const { tag, content } = reader.readAny('validity');
  const time = parseTime(tag, content);
  if (time === undefined) throw new DerError('its validity is not a time');
  return time;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
