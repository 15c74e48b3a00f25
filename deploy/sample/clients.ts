/** What the clients of the sample have on their own disk; written at each start, as the port may change. */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { urlOf } from './ports.ts';

/** @param directory of the sample, absolute: dnf takes no relative paths */
export function writeDnfClient(directory: string, port: number): void {
  const client = path.join(directory, 'dnf');
  mkdirSync(path.join(client, 'repos.d'), { recursive: true });
  writeFileSync(path.join(client, 'repos.d/sample.repo'), repositories(directory, port));
  writeFileSync(path.join(client, 'dnf.conf'), dnfConfiguration(client));
}

/** The settings of portcullis-admin, which keeps its session in the sample's directory as well. */
export function writeAdminClient(directory: string, port: number): void {
  const settings = `[server]
host: localhost
port: ${port}
ca_path: ${directory}/ca.pem

[filesystem]
id_cert_dir: ${directory}
`;
  writeFileSync(path.join(directory, 'admin.conf'), settings);
}

/** As it would lie in /etc/yum.repos.d of a client. */
function repositories(directory: string, port: number): string {
  const section = (id: string, identity: string): string => `[${id}]
name=Portcullis sample, ${id}
baseurl=${urlOf(port)}/pulp/repos/sample/
sslcacert=${directory}/ca.pem
${identity}gpgcheck=0
`;
  const certificate = (name: string): string =>
    `sslclientcert=${directory}/${name}.pem\nsslclientkey=${directory}/${name}.key\n`;
  return [
    section('entitled', certificate('entitled')),
    section('stranger', certificate('stranger')),
    section('nobody', ''),
  ].join('\n');
}

/**
 * Keeps all that dnf does in the sample's directory. The other folders are made inside the install
 * root, where dnf would look for `reposdir` first: none of them may lie below it.
 */
function dnfConfiguration(client: string): string {
  return `[main]
reposdir=${client}/repos.d
installroot=${client}/root
cachedir=${client}/cache
logdir=${client}/log
persistdir=${client}/persist
plugins=0
metadata_expire=0
`;
}
