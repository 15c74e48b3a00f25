/** What a deny-list calls a certificate by: its fingerprint, or its issuer and serial number. */

import { hash } from 'node:crypto';
import { type Certificate, parseCertificate } from '../identity/certificate.ts';
import { type PemLimits, parseCertificatePem } from '../pem.ts';
import {
  type NameAttribute,
  normalizeFingerprint,
  normalizeSerial,
  type VerifiedCertificate,
} from '../plugin.ts';

export type CertificateName =
  /** SHA-256 of the DER, lower-case hex. */
  | { readonly fingerprint: string }
  /** As every CA has to keep them apart, and as its revocation lists do. */
  | { readonly issuer: readonly NameAttribute[]; readonly serial: string };

/** How an operator calls a certificate: by `certificate`, by `fingerprint`, or by `issuer` and `serial`. */
export interface WrittenCertificateName {
  /** The certificate itself, PEM. */
  readonly certificate?: string | undefined;
  /** SHA-256, hex with or without colons. */
  readonly fingerprint?: string | undefined;
  /** The certificate of the CA that issued it, PEM. */
  readonly issuer?: string | undefined;
  /** Hex with or without colons, or `decimal:` and decimal digits. */
  readonly serial?: string | undefined;
}

export interface CertificateNameProblem {
  /** What is wrong with it, as a clause. */
  readonly problem: string;
  readonly property: keyof WrittenCertificateName;
}

/** One certificate, with whatever openssl prints beside it. */
const onePem: PemLimits = { certificatesMax: 1, bytesMax: 64 * 1024, textBetweenBlocks: true };

/** A certificate is called by issuer and serial number: its holder can change its fingerprint. */
export function readCertificateName(
  written: WrittenCertificateName,
): CertificateName | CertificateNameProblem {
  const { certificate, fingerprint, issuer, serial } = written;
  const count = [certificate, fingerprint, issuer ?? serial].filter(isGiven).length;
  if (count !== 1) {
    const problem = 'exactly one of certificate, fingerprint, and issuer with serial is needed';
    return { problem, property: 'certificate' };
  }
  if (certificate !== undefined) {
    const parsed = readPem(certificate);
    return 'problem' in parsed
      ? { ...parsed, property: 'certificate' }
      : { issuer: parsed.issuer, serial: parsed.serial };
  }
  return fingerprint === undefined
    ? readIssuerAndSerial(issuer, serial)
    : readFingerprint(fingerprint);
}

/** What the deny-list keeps `name` under: the same for every spelling of the same name. */
export function idOfName(name: CertificateName): string {
  if ('fingerprint' in name) return `sha256:${name.fingerprint}`;
  const attributes = name.issuer.map(({ oid, value }) => [oid, value]);
  return `serial:${hash('sha256', JSON.stringify(attributes))}:${name.serial}`;
}

/** All that a deny-list may call `certificate` by, the other spellings of it among them. */
export function idsOfCertificate(
  certificate: Pick<VerifiedCertificate, 'fingerprint' | 'twinFingerprints' | 'issuer' | 'serial'>,
): readonly string[] {
  const { fingerprint, twinFingerprints, issuer, serial } = certificate;
  const names: readonly CertificateName[] = [
    ...[fingerprint, ...twinFingerprints].map((one) => ({ fingerprint: one })),
    { issuer, serial },
  ];
  return names.map(idOfName);
}

function readFingerprint(text: string): CertificateName | CertificateNameProblem {
  const fingerprint = normalizeFingerprint(text);
  return fingerprint === undefined
    ? { problem: 'it is no SHA-256 fingerprint of 64 hex digits', property: 'fingerprint' }
    : { fingerprint };
}

function readIssuerAndSerial(
  issuer: string | undefined,
  text: string | undefined,
): CertificateName | CertificateNameProblem {
  if (issuer === undefined) {
    return { problem: 'serial numbers count for one issuer', property: 'issuer' };
  }
  const serial = text === undefined ? undefined : normalizeSerial(text);
  if (serial === undefined) {
    const problem = 'it is no serial number in hex, or "decimal:" and its decimal digits';
    return { problem, property: 'serial' };
  }
  const authority = readPem(issuer);
  return 'problem' in authority
    ? { ...authority, property: 'issuer' }
    : { issuer: authority.subject, serial };
}

function readPem(text: string): Certificate | { readonly problem: string } {
  const pem = parseCertificatePem(text, onePem);
  if ('problem' in pem) return pem;
  const [der] = pem.certificates;
  return der === undefined ? { problem: 'it holds no certificate' } : parseCertificate(der);
}

function isGiven(value: string | undefined): boolean {
  return value !== undefined;
}
