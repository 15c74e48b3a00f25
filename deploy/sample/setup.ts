/** Fills the sample's directory: certificates, password, repository, configuration. */

import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import { socketPathBytesMax } from '../../src/listen-address.ts';
import { sampleConfiguration, socketName } from './configuration.ts';
import { configurationFile, makeOnce } from './directory.ts';
import { findNginx } from './nginx.ts';
import { issueSampleCertificates } from './pki.ts';
import { choosePort } from './ports.ts';

const repository = path.join(import.meta.dirname, 'repository');
const passwordRandomBytes = 15;

/** What the lines to try and the configuration name. */
export const sampleFiles: readonly string[] = [
  ...['ca.pem', 'server.pem', 'server.key'],
  ...['entitled.pem', 'entitled.key', 'stranger.pem', 'stranger.key'],
  ...['operator.password', 'htpasswd', 'repository', 'public'],
];

/**
 * Makes the sample's directory, or leaves the one that is there.
 *
 * @returns the operator's password when it was just made
 */
export async function setUp(directory: string): Promise<string | undefined> {
  const password = randomBytes(passwordRandomBytes).toString('base64url');
  const isNew = await makeOnce(directory, async (unfinished) => {
    const file = (name: string): string => path.join(unfinished, name);
    issueSampleCertificates(unfinished);
    writeFileSync(file('operator.password'), password, { mode: 0o600 });
    writeFileSync(file('htpasswd'), `operator:${await hashPassword(password)}\n`, { mode: 0o600 });
    cpSync(repository, file('repository'), { recursive: true, preserveTimestamps: true });
    mkdirSync(file('public'));
    cpSync(file('ca.pem'), file('public/ca.pem'));
    const type = canUseNginx(directory) ? 'nginx' : 'built-in';
    const configuration = sampleConfiguration({ type, port: await choosePort() });
    writeFileSync(file(configurationFile), configuration);
  });
  return isNew ? password : undefined;
}

/** nginx asks Portcullis on a unix socket, whose path the system limits. */
function canUseNginx(directory: string): boolean {
  const socket = path.join(directory, socketName);
  return findNginx() !== undefined && Buffer.byteLength(socket) <= socketPathBytesMax;
}
