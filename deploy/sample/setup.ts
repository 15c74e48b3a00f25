/** Fills the sample's directory: certificates, passwords, repository, configuration, store. */

import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import { socketPathBytesMax } from '../../src/listen-address.ts';
import { makeAdministrator } from './administrator.ts';
import { sampleConfiguration, socketName } from './configuration.ts';
import { configurationFile, makeOnce } from './directory.ts';
import { findNginx } from './nginx.ts';
import { issueSampleCertificates } from './pki.ts';
import { choosePort } from './ports.ts';

const repository = path.join(import.meta.dirname, 'repository');
const passwordRandomBytes = 15;
const linkKeyBytes = 32;

/** What the lines to try and the configuration name. */
export const sampleFiles: readonly string[] = [
  ...['ca.pem', 'server.pem', 'server.key'],
  ...['entitled.pem', 'entitled.key', 'stranger.pem', 'stranger.key'],
  ...['operator.password', 'htpasswd', 'repository', 'public'],
  ...['portcullis.db', 'admin.password', 'alice.password', 'url-keys'],
];

/** Of those whom the lines to try name, and who are there from the beginning. */
export interface SamplePasswords {
  /** In the htpasswd file. */
  readonly operator: string;
  /** In the store. */
  readonly admin: string;
}

/**
 * Makes the sample's directory, or leaves the one that is there.
 *
 * @returns the passwords when they were just made
 */
export async function setUp(directory: string): Promise<SamplePasswords | undefined> {
  const passwords = { operator: newPassword(), admin: newPassword() };
  const isNew = await makeOnce(directory, async (unfinished) => {
    const file = (name: string): string => path.join(unfinished, name);
    issueSampleCertificates(unfinished);
    for (const [name, password] of Object.entries({ ...passwords, alice: newPassword() })) {
      writeFileSync(file(`${name}.password`), password, { mode: 0o600 });
    }
    const hash = await hashPassword(passwords.operator);
    writeFileSync(file('htpasswd'), `operator:${hash}\n`, { mode: 0o600 });
    writeFileSync(file('url-keys'), newLinkKey(), { mode: 0o600 });
    cpSync(repository, file('repository'), { recursive: true, preserveTimestamps: true });
    mkdirSync(file('public'));
    cpSync(file('ca.pem'), file('public/ca.pem'));
    const type = canUseNginx(directory) ? 'nginx' : 'built-in';
    const configuration = sampleConfiguration({ type, port: await choosePort() });
    writeFileSync(file(configurationFile), configuration);
    await makeAdministrator(file(configurationFile), passwords.admin);
  });
  return isNew ? passwords : undefined;
}

function newPassword(): string {
  return randomBytes(passwordRandomBytes).toString('base64url');
}

function newLinkKey(): string {
  return `sample:${randomBytes(linkKeyBytes).toString('base64')}\n`;
}

/** nginx asks Portcullis on a unix socket, whose path the system limits. */
function canUseNginx(directory: string): boolean {
  const socket = path.join(directory, socketName);
  return findNginx() !== undefined && Buffer.byteLength(socket) <= socketPathBytesMax;
}
