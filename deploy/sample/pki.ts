/** The sample's certificates: its own CA with a server and an entitled client, and a stranger's. */

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type IssuedCertificate, issueCertificate } from '../../src/identity/issue-certificate.ts';
import type { NameAttribute } from '../../src/plugin.ts';

const validYears = 10;
const yearMs = 365.25 * 86_400_000;
/** A client whose clock is a little behind should not find the certificates not valid yet. */
const clockSkewMs = 3_600_000;

/** Writes NAME.pem and NAME.key for each; of the stranger's CA nothing is kept. */
export function issueSampleCertificates(directory: string): void {
  const dates = {
    notBefore: new Date(Date.now() - clockSkewMs),
    notAfter: new Date(Date.now() + validYears * yearMs),
  };
  const authority = (name: string): IssuedCertificate =>
    issueCertificate({ kind: 'authority', subject: subject(name), ...dates });
  const issue = (kind: 'server' | 'client', name: string, issuer: IssuedCertificate) =>
    issueCertificate({ kind, subject: subject(name), hosts: serverHosts(kind), issuer, ...dates });
  const own = authority('Portcullis sample CA');
  const foreign = authority("A stranger's CA");
  writePair(directory, 'ca', own);
  writePair(directory, 'server', issue('server', 'localhost', own));
  writePair(directory, 'entitled', issue('client', 'entitled host', own));
  writePair(directory, 'stranger', issue('client', 'stranger', foreign));
}

function subject(commonName: string): readonly NameAttribute[] {
  return [
    { oid: '2.5.4.10', value: 'Portcullis sample' },
    { oid: '2.5.4.3', value: commonName },
  ];
}

function serverHosts(kind: 'server' | 'client'): readonly string[] {
  return kind === 'server' ? ['localhost', '127.0.0.1', '::1'] : [];
}

function writePair(directory: string, name: string, issued: IssuedCertificate): void {
  writeFileSync(path.join(directory, `${name}.pem`), issued.certificate);
  writeFileSync(path.join(directory, `${name}.key`), issued.key, { mode: 0o600 });
}
