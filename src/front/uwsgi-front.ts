/**
 * What a front says over uwsgi. Only parameters count that a client cannot set: every header of the
 * client arrives under a name that begins with `HTTP_`, and none of those is read here (T01, T06).
 */

import { PortcullisError } from '../errors.ts';
import { type UwsgiVariables, uwsgiOf } from '../uwsgi/request.ts';
import { readAddress } from './address.ts';
import {
  CertificateReader,
  contradicted,
  type PresentedCertificate,
} from './client-certificate.ts';
import { type EvidenceReader, freezeEvidence, readCredentials } from './evidence.ts';

/** Apache exports intermediates as SSL_CLIENT_CERT_CHAIN_0 and on; more than these are not read. */
const chainVariablesMax = 9;

/**
 * @param trustRemoteUser whether REMOTE_USER names a user whom the front has authenticated. Off
 *   unless the operator says so: nginx's `$remote_user` is the name in an unverified header.
 */
export function createUwsgiReader(trustRemoteUser: boolean): EvidenceReader {
  const certificates = new CertificateReader();
  return (request) => {
    const variables = uwsgiOf(request);
    if (variables === undefined) {
      throw new PortcullisError(
        'INTERNAL',
        'Cannot read what the front says: the request did not arrive over uwsgi',
      );
    }
    return freezeEvidence({
      address: readAddress(variables.get('REMOTE_ADDR')),
      secure: isSecure(variables),
      certificate: readCertificate(variables, certificates),
      ...readCredentials(request),
      remoteUser: trustRemoteUser ? readRemoteUser(variables) : undefined,
    });
  };
}

/** nginx and lighttpd send an empty one for a client that they have not authenticated. */
function readRemoteUser(variables: UwsgiVariables): string | undefined {
  const user = variables.get('REMOTE_USER');
  return user === '' ? undefined : user;
}

function isSecure(variables: UwsgiVariables): boolean {
  const https = variables.get('HTTPS');
  return https === undefined
    ? variables.get('REQUEST_SCHEME') === 'https'
    : https.toLowerCase() === 'on';
}

function readCertificate(
  variables: UwsgiVariables,
  certificates: CertificateReader,
): PresentedCertificate {
  const leaf = variables.get('SSL_CLIENT_CERT');
  if (leaf === undefined) return undefined;
  // The value is no proof either way (`optional_no_ca` forwards what it could not verify), but a
  // front that sends a certificate and says there was none is not to be understood (T09).
  if (variables.get('SSL_CLIENT_VERIFY') === 'NONE') {
    return contradicted('SSL_CLIENT_VERIFY=NONE');
  }
  return certificates.read(leaf + chainAfter(leaf, variables));
}

function chainAfter(leaf: string, variables: UwsgiVariables): string {
  let chain = '';
  for (let index = 0; index < chainVariablesMax; index += 1) {
    const intermediate = variables.get(`SSL_CLIENT_CERT_CHAIN_${index}`);
    if (intermediate === undefined) break;
    chain += `\n${intermediate}`;
  }
  return leaf.endsWith('\n') ? chain.slice(1) : chain;
}
