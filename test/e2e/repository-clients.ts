/** Who installs from what a site publishes: consumers, and how they are configured. */

import { readFileSync } from 'node:fs';
import { type ApiCaller, callAs } from '../support/api-caller.ts';
import type { Credential } from '../support/pki.ts';
import { portcullisProgram } from '../support/portcullis.ts';
import { type CommandResult, run } from '../support/processes.ts';
import type { Place, RepositorySite } from './repository-site.ts';

/** A consumer: what it calls with, and the file that has its certificate and key. */
export interface RegisteredConsumer extends Disposable {
  readonly id: string;
  readonly file: string;
  readonly api: ApiCaller;
}

/** As `pulp-consumer register` does. */
export async function registerConsumer(
  site: RepositorySite,
  id: string,
): Promise<RegisteredConsumer> {
  const { certificate: pem } = await site.api.ok('POST', '/v2/consumers/', { id });
  const identity = { key: pem, certificate: pem };
  const api = callAs({ port: site.port, serverCa: site.serverCa, identity });
  const file = site.pki.write(`${id}-consumer-cert.pem`, pem);
  return { id, file, api, [Symbol.dispose]: () => api[Symbol.dispose]() };
}

/** As `pulp-consumer rpm bind` does, by an operator. */
export async function bind(
  { api }: Pick<RepositorySite, 'api'>,
  { id }: Pick<RegisteredConsumer, 'id'>,
  { repository, distributor }: Place,
): Promise<void> {
  await api.ok('POST', `/v2/consumers/${id}/bindings/`, {
    ...{ repo_id: repository, distributor_id: distributor },
    ...{ notify_agent: false, binding_config: {} },
  });
}

export interface ClientFile {
  /** Where it belongs on the client's host. */
  readonly path: string;
  readonly text: string;
}

/** What the server writes for a client with a certificate and its key in one file. */
export async function clientFiles(
  { api, serverCa }: Pick<RepositorySite, 'api' | 'serverCa'>,
  { repository, distributor }: Place,
  certificate: string,
): Promise<readonly ClientFile[]> {
  const query = new URLSearchParams({ credential: 'certificate', certificate, ca: serverCa });
  const path = `/v2/repositories/${repository}/distributors/${distributor}/client_config/?${query}`;
  return (await api.ok('GET', path)).files;
}

/** `portcullis explain` for a client with a certificate. */
export function explain(
  { instance }: Pick<RepositorySite, 'instance'>,
  target: string,
  certificateFile: string,
): Promise<CommandResult> {
  const words = ['explain', target, '--config', instance.file, '--cert', certificateFile];
  return run(process.execPath, [portcullisProgram, ...words]);
}

/** The certificate and key of a credential in one file, as subscription managers write them. */
export function inOneFile(
  { pki }: Pick<RepositorySite, 'pki'>,
  name: string,
  of: Credential,
): string {
  return pki.write(name, of.key, of.certificate);
}

export function readText(file: string): string {
  return readFileSync(file, 'utf8');
}
