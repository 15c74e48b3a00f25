/**
 * What a front says over HTTP. A client can send any header, so identity headers are believed only
 * from listed peers and only under the configured names; from everybody else they are not read.
 */

import type { IncomingMessage } from 'node:http';
import type { HttpListener, IdentityHeaders } from '../config/configuration.ts';
import { createPeerMatcher, readAddress } from './address.ts';
import {
  CertificateReader,
  contradicted,
  type PresentedCertificate,
} from './client-certificate.ts';
import {
  type EvidenceReader,
  freezeEvidence,
  normalizeHeaderName,
  readCredentials,
  refuseRepeated,
} from './evidence.ts';

type HeaderReader = (name: string | undefined) => string | undefined;

export function createHttpReader(
  listener: Pick<HttpListener, 'trustedPeers' | 'headers'>,
): EvidenceReader {
  const isTrusted = createPeerMatcher(listener.trustedPeers);
  const { headers } = listener;
  const names = configuredNames(headers);
  const certificates = new CertificateReader();
  return (request) => {
    const peer = request.socket.remoteAddress;
    if (!isTrusted(peer)) {
      return freezeEvidence({
        address: readAddress(peer),
        secure: false,
        certificate: undefined,
        ...readCredentials(request),
        remoteUser: undefined,
      });
    }
    refuseRepeated(request, names);
    return readTrusted(request, headers, certificates);
  };
}

function readTrusted(
  request: IncomingMessage,
  headers: IdentityHeaders,
  certificates: CertificateReader,
): ReturnType<EvidenceReader> {
  const read: HeaderReader = (name) => {
    const value = name === undefined ? undefined : request.headers[name.toLowerCase()];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return freezeEvidence({
    address:
      headers.clientAddress === undefined
        ? readAddress(request.socket.remoteAddress)
        : readAddress(lastOf(read(headers.clientAddress))),
    secure: read(headers.scheme)?.toLowerCase() === 'https',
    certificate: readCertificate(read, headers, certificates),
    ...readCredentials(request),
    remoteUser: read(headers.remoteUser),
  });
}

function readCertificate(
  read: HeaderReader,
  headers: IdentityHeaders,
  certificates: CertificateReader,
): PresentedCertificate {
  const text = read(headers.clientCertificate);
  if (text !== undefined && read(headers.clientVerify) === 'NONE') {
    return contradicted(`${headers.clientVerify}: NONE`);
  }
  return certificates.read(text);
}

/** Of a list as X-Forwarded-For, only the last entry is the trusted front's own. */
function lastOf(list: string | undefined): string | undefined {
  return list?.slice(list.lastIndexOf(',') + 1).trim();
}

function configuredNames(headers: IdentityHeaders): ReadonlySet<string> {
  return new Set(
    Object.values(headers)
      .filter((name) => typeof name === 'string')
      .map(normalizeHeaderName),
  );
}
