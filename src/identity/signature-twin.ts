/**
 * The malleability of ECDSA: when (r, s) signs something, so does (r, n − s). Who holds a
 * certificate can so give it another fingerprint, and a deny-list of fingerprints has to know both.
 * RSA signatures by PKCS #1 v1.5 have no twin, and DER leaves no other freedom.
 */

import { curveOf } from './algorithms.ts';
import { type Certificate, fingerprintOf } from './certificate.ts';
import { DerReader, derTags, readUnsigned, readWhole } from './der.ts';
import { encodeBits, encodeSequence, encodeUnsigned } from './der-writer.ts';

/** The fingerprints besides its own under which `certificate` verifies with `issuer`'s key. */
export function twinFingerprints(
  certificate: Certificate,
  issuer: Certificate | undefined,
): readonly string[] {
  const curve = issuer && curveOf(issuer.publicKey);
  if (curve === undefined) return [];
  const { content } = readWhole(certificate.signature, derTags.sequence, 'signature');
  const reader = new DerReader(content);
  const r = reader.read(derTags.integer, 'signature');
  const s = readUnsigned(reader.read(derTags.integer, 'signature').content, 'signature');
  reader.end('signature');
  const twin = curve.order - BigInt(`0x${Buffer.from(s).toString('hex')}`);
  const signature = encodeSequence(r.raw, encodeUnsigned(twin));
  const algorithm = Buffer.from(certificate.signatureAlgorithm, 'hex');
  return [fingerprintOf(encodeSequence(certificate.tbs, algorithm, encodeBits(signature)))];
}
