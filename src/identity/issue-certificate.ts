/**
 * Makes certificates: for the sample that `npm start` sets up, and the first CA of sessions. Content
 * workers never do.
 */

import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { PortcullisError } from '../errors.ts';
import { certificateToPem, parseCertificatePem } from '../pem.ts';
import type { NameAttribute } from '../plugin.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { extensionOids } from './certificate-extensions.ts';
import { clientAuthOid } from './certificate-rules.ts';
import { derTags } from './der.ts';
import {
  encodeBits,
  encodeElement,
  encodeOid,
  encodeSequence,
  encodeTime,
  encodeUnsigned,
} from './der-writer.ts';

/** A certificate with its private key, both PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  /** PKCS #8. */
  readonly key: string;
}

export interface IssueRequest {
  readonly kind: 'authority' | 'server' | 'client';
  /** One RDN for each attribute, the most general first. */
  readonly subject: readonly NameAttribute[];
  /** Seconds count, fractions of them do not. */
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** DNS names and IP addresses of a server. */
  readonly hosts?: readonly string[];
  /** The CA that signs; without one an authority signs itself. */
  readonly issuer?: IssuedCertificate;
}

/**
 * A new ECDSA P-256 key and a certificate of it, with a random serial number of 128 bits.
 *
 * @throws PortcullisError USAGE when the issuer is missing where one is needed, or is no certificate
 */
export function issueCertificate(request: IssueRequest): IssuedCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = encodeName(request.subject);
  const issuer = findIssuer(request);
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const issuerKeyId = issuer === undefined ? keyIdOf(spki) : keyIdOfIssuer(issuer.certificate);
  const tbs = encodeSequence(
    encodeElement(0xa0, encodeUnsigned(2n)),
    encodeUnsigned(BigInt(`0x${randomBytes(16).toString('hex')}`)),
    ecdsaWithSha256,
    issuer === undefined ? subject : Buffer.from(issuer.certificate.subjectId, 'hex'),
    encodeSequence(encodeTime(request.notBefore), encodeTime(request.notAfter)),
    subject,
    spki,
    encodeElement(0xa3, encodeSequence(...extensionsOf(request, spki, issuerKeyId))),
  );
  const signature = sign('sha256', tbs, { key: issuer?.key ?? privateKey, dsaEncoding: 'der' });
  return {
    certificate: certificateToPem(encodeSequence(tbs, ecdsaWithSha256, encodeBits(signature))),
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

const ecdsaWithSha256 = encodeSequence(encodeOid('1.2.840.10045.4.3.2'));
const serverAuthOid = '1.3.6.1.5.5.7.3.1';

interface Issuer {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

function findIssuer({ kind, issuer }: IssueRequest): Issuer | undefined {
  if (issuer === undefined) {
    if (kind === 'authority') return undefined;
    throw new PortcullisError('USAGE', `Cannot issue a ${kind} certificate: it needs an issuer`);
  }
  const pem = parseCertificatePem(issuer.certificate);
  const [der] = 'certificates' in pem ? pem.certificates : [];
  const certificate = der && parseCertificate(der);
  if (certificate === undefined || 'problem' in certificate) {
    throw new PortcullisError('USAGE', 'Cannot issue a certificate: its issuer is not one');
  }
  const key = createPrivateKey(issuer.key);
  if (key.asymmetricKeyType !== 'ec') {
    throw new PortcullisError('USAGE', "Cannot issue a certificate: its issuer's key is not ECDSA");
  }
  return { certificate, key };
}

function extensionsOf(
  { kind, hosts }: Pick<IssueRequest, 'kind' | 'hosts'>,
  spki: Buffer,
  issuerKeyId: string,
): readonly Buffer[] {
  const isAuthority = kind === 'authority';
  const constraints = isAuthority ? [encodeElement(derTags.boolean, Buffer.of(0xff))] : [];
  // Bit 0 is digitalSignature; bits 5 and 6 are keyCertSign and cRLSign.
  const usage = isAuthority ? encodeBits(Buffer.of(0x06), 1) : encodeBits(Buffer.of(0x80), 7);
  const keyId = encodeElement(derTags.octetString, Buffer.from(keyIdOf(spki), 'hex'));
  const extensions = [
    extension(extensionOids.basicConstraints, true, encodeSequence(...constraints)),
    extension(extensionOids.keyUsage, true, usage),
    extension(extensionOids.subjectKeyId, false, keyId),
    extension(
      extensionOids.authorityKeyId,
      false,
      encodeSequence(encodeElement(0x80, Buffer.from(issuerKeyId, 'hex'))),
    ),
  ];
  if (!isAuthority) {
    const purpose = encodeOid(kind === 'server' ? serverAuthOid : clientAuthOid);
    extensions.push(extension(extensionOids.extendedKeyUsage, false, encodeSequence(purpose)));
  }
  if (hosts !== undefined && hosts.length > 0) {
    const names = encodeSequence(...hosts.map(encodeHost));
    extensions.push(extension(extensionOids.subjectAltName, false, names));
  }
  return extensions;
}

/**
 * The extensions of a client's certificate, DER each.
 *
 * @param spki the client's public key, of P-256
 */
export function clientExtensions(spki: Buffer, issuer: Certificate): readonly Buffer[] {
  return extensionsOf({ kind: 'client' }, spki, keyIdOfIssuer(issuer));
}

function extension(oid: string, critical: boolean, value: Uint8Array): Buffer {
  const mark = critical ? [encodeElement(derTags.boolean, Buffer.of(0xff))] : [];
  return encodeSequence(encodeOid(oid), ...mark, encodeElement(derTags.octetString, value));
}

function keyIdOfIssuer({ extensions, publicKey }: Certificate): string {
  return extensions.subjectKeyId ?? keyIdOf(publicKey.der);
}

/** RFC 5280 section 4.2.1.2, method 1, over the key alone. */
function keyIdOf(spki: Uint8Array): string {
  // The uncompressed point of P-256 is the last 65 bytes.
  return createHash('sha1').update(spki.subarray(-65)).digest('hex');
}

/** A distinguished name, with one RDN for each attribute. */
export function encodeName(attributes: readonly NameAttribute[]): Buffer {
  return encodeSequence(
    ...attributes.map(({ oid, value }) =>
      encodeElement(
        derTags.set,
        encodeSequence(encodeOid(oid), encodeElement(derTags.utf8String, Buffer.from(value))),
      ),
    ),
  );
}

/** A GeneralName: dNSName or iPAddress. */
function encodeHost(host: string): Buffer {
  if (ipaddr.isValid(host))
    return encodeElement(0x87, Buffer.from(ipaddr.parse(host).toByteArray()));
  return encodeElement(0x82, Buffer.from(host, 'latin1'));
}
