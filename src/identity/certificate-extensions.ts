/** The extensions of a certificate that decide about it (RFC 5280 section 4.2). */

import {
  DerError,
  DerReader,
  derTags,
  readBoolean,
  readOid,
  readSmallInteger,
  readWhole,
} from './der.ts';
import { demandDer } from './der-form.ts';
import { readNamedBits } from './named-bits.ts';

export interface CertificateExtensions {
  /** Undefined when the certificate does not say. */
  readonly basicConstraints:
    | { readonly isAuthority: boolean; readonly pathLength: number | undefined }
    | undefined;
  readonly keyUsage:
    | {
        readonly digitalSignature: boolean;
        readonly certSign: boolean;
        readonly crlSign: boolean;
      }
    | undefined;
  /** Dotted object identifiers of the purposes. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** Hex. */
  readonly subjectKeyId: string | undefined;
  /** Hex; only the keyIdentifier field. */
  readonly authorityKeyId: string | undefined;
  /** Object identifiers of the extensions that narrow a CA and that nobody here evaluates. */
  readonly unevaluated: readonly string[];
  /** Object identifiers of the critical extensions that are not known here. */
  readonly unknownCritical: readonly string[];
  /** The values of the extensions that are not known here, by object identifier. */
  readonly others: ReadonlyMap<string, Uint8Array>;
}

/** Candlepin's v1 entitlements have some eight extensions for each content. */
export const extensionsMax = 4096;

export const extensionOids = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyId: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
} as const;

/** @param content the sequence of extensions; undefined when the certificate has none */
export function parseExtensions(content: Uint8Array | undefined): CertificateExtensions {
  const list = content === undefined ? new Map<string, Extension>() : readList(content);
  const value = (oid: string): Uint8Array | undefined => list.get(oid)?.value;
  const oids = [...list.keys()];
  return {
    basicConstraints: optional(value(extensionOids.basicConstraints), readBasicConstraints),
    keyUsage: optional(value(extensionOids.keyUsage), readKeyUsage),
    extendedKeyUsage: optional(value(extensionOids.extendedKeyUsage), readExtendedKeyUsage),
    subjectKeyId: optional(value(extensionOids.subjectKeyId), readSubjectKeyId),
    authorityKeyId: optional(value(extensionOids.authorityKeyId), readAuthorityKeyId),
    unevaluated: oids.filter((oid) => unevaluatedOids.has(oid)),
    unknownCritical: oids.filter((oid) => list.get(oid)?.critical && !knownOids.has(oid)),
    others: new Map(
      [...list].flatMap(([oid, { value }]) => (knownOids.has(oid) ? [] : [[oid, value]])),
    ),
  };
}

interface Extension {
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** Each makes the CA narrower than it looks, so that to ignore one would be to let more in. */
const unevaluatedOids: ReadonlySet<string> = new Set([
  extensionOids.nameConstraints,
  extensionOids.policyMappings,
  extensionOids.policyConstraints,
  extensionOids.inhibitAnyPolicy,
]);

/**
 * What may be critical. A subjectAltName names nobody here, and policies exclude nothing as long
 * as no policyConstraints ask for one.
 */
const knownOids: ReadonlySet<string> = new Set([
  extensionOids.subjectKeyId,
  extensionOids.keyUsage,
  extensionOids.subjectAltName,
  extensionOids.basicConstraints,
  extensionOids.certificatePolicies,
  extensionOids.authorityKeyId,
  extensionOids.extendedKeyUsage,
  ...unevaluatedOids,
]);

/** Of these, all or a part is passed over, and has to be what others read without a fault. */
const unreadOids: ReadonlySet<string> = new Set([
  extensionOids.subjectAltName,
  extensionOids.certificatePolicies,
  extensionOids.authorityKeyId,
]);

function readList(content: Uint8Array): ReadonlyMap<string, Extension> {
  const list = new Map<string, Extension>();
  const reader = new DerReader(readWhole(content, derTags.sequence, 'extensions').content);
  if (reader.done) throw new DerError('its extensions are empty');
  while (!reader.done) {
    const extension = new DerReader(reader.read(derTags.sequence, 'extensions').content);
    const oid = readOid(extension.read(derTags.oid, 'extensions').content, 'extensions');
    const what = `extension ${oid}`;
    const critical = extension.readOptional(derTags.boolean, what);
    const value = extension.read(derTags.octetString, what).content;
    extension.end(what);
    // RFC 5280 section 4.2: never twice. Two readers could each believe another one.
    if (list.has(oid)) throw new DerError(`its ${what} is there twice`);
    if (unreadOids.has(oid)) demandDer(value, what);
    list.set(oid, {
      critical: critical !== undefined && readBoolean(critical.content, what),
      value,
    });
    if (list.size > extensionsMax)
      throw new DerError(`it has more than ${extensionsMax} extensions`);
  }
  return list;
}

function optional<Value>(
  bytes: Uint8Array | undefined,
  read: (bytes: Uint8Array) => Value,
): Value | undefined {
  return bytes === undefined ? undefined : read(bytes);
}

function readBasicConstraints(bytes: Uint8Array) {
  const what = 'basicConstraints';
  const reader = new DerReader(readWhole(bytes, derTags.sequence, what).content);
  const isAuthority = reader.readOptional(derTags.boolean, what);
  const pathLength = reader.readOptional(derTags.integer, what);
  reader.end(what);
  return {
    isAuthority: isAuthority !== undefined && readBoolean(isAuthority.content, what),
    pathLength: optional(pathLength?.content, (content) => readSmallInteger(content, what)),
  };
}

function readKeyUsage(bytes: Uint8Array) {
  const { content } = readWhole(bytes, derTags.bitString, 'keyUsage');
  const bits = readNamedBits(content, 'keyUsage');
  return { digitalSignature: bits.has(0), certSign: bits.has(5), crlSign: bits.has(6) };
}

function readExtendedKeyUsage(bytes: Uint8Array): readonly string[] {
  const what = 'extendedKeyUsage';
  const reader = new DerReader(readWhole(bytes, derTags.sequence, what).content);
  const purposes: string[] = [];
  while (!reader.done) purposes.push(readOid(reader.read(derTags.oid, what).content, what));
  return purposes;
}

function readSubjectKeyId(bytes: Uint8Array): string {
  const { content } = readWhole(bytes, derTags.octetString, 'subjectKeyIdentifier');
  return Buffer.from(content).toString('hex');
}

/** The issuer's name and serial number may follow; they are hints that nobody needs. */
function readAuthorityKeyId(bytes: Uint8Array): string | undefined {
  const what = 'authorityKeyIdentifier';
  const reader = new DerReader(readWhole(bytes, derTags.sequence, what).content);
  const keyId = reader.readOptional(0x80, what);
  return keyId && Buffer.from(keyId.content).toString('hex');
}
