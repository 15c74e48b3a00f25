/** The built-in TLS listener: nothing is forwarded, the connection itself is the evidence. */

import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { readAddress } from './address.ts';
import { fromDer, type PresentedCertificate } from './client-certificate.ts';
import { type EvidenceReader, freezeEvidence, readCredentials } from './evidence.ts';

/** The most certificates read of the chain that a client sent. */
const chainCertificatesMax = 10;

export function createTlsReader(): EvidenceReader {
  const presented = new WeakMap<TLSSocket, { readonly certificate: PresentedCertificate }>();
  return (request) => {
    const socket = request.socket as TLSSocket;
    let known = presented.get(socket);
    if (known === undefined) {
      known = { certificate: readPeerCertificate(socket) };
      presented.set(socket, known);
    }
    return freezeEvidence({
      address: readAddress(socket.remoteAddress),
      secure: true,
      certificate: known.certificate,
      ...readCredentials(request),
      remoteUser: undefined,
    });
  };
}

function readPeerCertificate(socket: TLSSocket): PresentedCertificate {
  const chain: Uint8Array[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined && chain.length < chainCertificatesMax) {
    chain.push(certificate.raw);
    const issuer: DetailedPeerCertificate | undefined = certificate.issuerCertificate;
    // A self-signed certificate is its own issuer.
    certificate = issuer === certificate ? undefined : issuer;
  }
  return chain.length === 0 ? undefined : fromDer(chain, 'connection');
}
