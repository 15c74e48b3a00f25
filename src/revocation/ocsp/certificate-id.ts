/** Which certificate a responder is asked about (RFC 6960 section 4.1.1). */

import { createHash } from 'node:crypto';
import type { Certificate } from '../../identity/certificate.ts';
import { derTags } from '../../identity/der.ts';
import {
  encodeElement,
  encodeOid,
  encodeSequence,
  encodeUnsigned,
} from '../../identity/der-writer.ts';

/** A certificate by the issuer's name and key and by its serial number. */
export interface CertificateId {
  /** Hex. */
  readonly issuerNameHash: string;
  /** Hex. */
  readonly issuerKeyHash: string;
  /** Lower-case hex without leading zeros. */
  readonly serial: string;
}

/**
 * SHA-1 is what every responder knows (RFC 5019 section 2.1.1). It chooses among the CAs of a responder
 * and protects nothing: the answer is verified by the key of the issuer itself.
 */
export const hashOid = '1.3.14.3.2.26';

export function certificateIdOf(certificate: Certificate, issuer: Certificate): CertificateId {
  return {
    issuerNameHash: sha1(Buffer.from(issuer.subjectId, 'hex')),
    issuerKeyHash: sha1(issuer.publicKey.key),
    serial: certificate.serial,
  };
}

/** As responders name themselves by their key: hex. */
export function keyHashOf({ publicKey }: Certificate): string {
  return sha1(publicKey.key);
}

/** An OCSPRequest for one certificate, unsigned and without a nonce: the answer may be an older one. */
export function encodeQuestion({ issuerNameHash, issuerKeyHash, serial }: CertificateId): Buffer {
  const algorithm = encodeSequence(encodeOid(hashOid), encodeElement(derNull));
  const id = encodeSequence(
    algorithm,
    encodeElement(derTags.octetString, Buffer.from(issuerNameHash, 'hex')),
    encodeElement(derTags.octetString, Buffer.from(issuerKeyHash, 'hex')),
    encodeUnsigned(BigInt(`0x${serial}`)),
  );
  const requestList = encodeSequence(encodeSequence(id));
  return encodeSequence(encodeSequence(requestList));
}

const derNull = 0x05;

function sha1(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}
