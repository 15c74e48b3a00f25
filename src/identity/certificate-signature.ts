/** Who signed a certificate, by a second reading of it: OpenSSL's. */

import { type KeyObject, X509Certificate } from 'node:crypto';
import { signatureKeyType } from './algorithms.ts';
import type { Certificate } from './certificate.ts';

/**
 * Whether the owner of `issuerKey` signed `certificate`. OpenSSL reads all of it anew, and checks the
 * signature over what it read: what only one of the two readers takes for a certificate is none.
 */
export function isCertificateSignedBy(certificate: Certificate, issuerKey: KeyObject): boolean {
  if (signatureKeyType(certificate) !== issuerKey.asymmetricKeyType) return false;
  try {
    const read = new X509Certificate(certificate.der);
    // It looks for PEM first, anywhere, and would take a certificate that stands in another for it.
    return read.raw.equals(certificate.der) && read.verify(issuerKey);
  } catch {
    return false;
  }
}
