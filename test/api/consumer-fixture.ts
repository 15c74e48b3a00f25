/** Consumers, and repositories for them to be bound to, for tests of the API. */

import assert from 'node:assert/strict';
import type { DistributionDocument, JsonObject } from '../../src/repositories/documents.ts';
import {
  distributionsCollection,
  repositoriesCollection,
} from '../../src/repositories/documents.ts';
import type { Client } from './client.ts';
import type { RunningApi } from './running-api.ts';
import { withCertificate } from './running-api.ts';

export interface RegisteredConsumer {
  readonly id: string;
  /** Key and certificate in one PEM, as the consumer keeps them. */
  readonly pem: string;
  /** Calls as the consumer, by a front that saw its handshake. */
  readonly as: { readonly as: undefined; readonly headers: Readonly<Record<string, string>> };
}

export async function registerConsumer(
  client: Client,
  id: string,
  fields: object = {},
): Promise<RegisteredConsumer> {
  const reply = await client.call('POST', '/v2/consumers/', { body: { id, ...fields } });
  assert.equal(reply.status, 201, reply.text);
  return { id, ...showing(reply.body.certificate) };
}

/** A call that shows a certificate, whose key goes to nobody. */
export function showing(pem: string): Omit<RegisteredConsumer, 'id'> {
  const certificate = pem.slice(pem.indexOf('-----BEGIN CERTIFICATE-----'));
  assert.match(pem, /^-----BEGIN PRIVATE KEY-----/);
  return { pem, as: { as: undefined, headers: withCertificate(certificate) } };
}

/** A repository with the distributor `yum_distributor`, served at `relativeUrl`. */
export async function addRepository(
  { parts: { store } }: RunningApi,
  id: string,
  relativeUrl: string,
  config: JsonObject = {},
): Promise<void> {
  const distributor = {
    id: 'yum_distributor',
    distributor_type_id: 'yum_distributor',
    config,
    auto_publish: false,
    scratchpad: {},
    last_publish: null,
    last_updated: null,
    published: null,
  };
  const repository = {
    _id: id,
    display_name: `The repository ${id}`,
    description: null,
    notes: {},
    scratchpad: {},
    content_unit_counts: {},
    last_unit_added: null,
    last_unit_removed: null,
    content_revision: 0,
    importer: null,
    distributors: [distributor],
  };
  await store.insert(repositoriesCollection, repository);
  const distribution: Omit<DistributionDocument, '_version'> = {
    _id: `repos:${relativeUrl}`,
    area: 'repos',
    relative_url: relativeUrl,
    repository: id,
    distributor: distributor.id,
    http: false,
    https: true,
    publication: null,
    directory: null,
    earlier: [],
    access: null,
    gpg_key: null,
  };
  await store.insert(distributionsCollection, distribution as never);
}
