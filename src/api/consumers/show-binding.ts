/** A binding as the API shows it: with all that a consumer needs in order to read the repository. */

import { z } from 'zod';
import type { BindingTarget } from '../../consumers/bindings.ts';
import type { Binding } from '../../consumers/documents.ts';
import type { Distributions } from '../../repositories/distributions.ts';
import type {
  DistributionDocument,
  Distributor,
  Repository,
} from '../../repositories/documents.ts';
import type { Repositories } from '../../repositories/repositories.ts';
import { distributorOf } from '../../repositories/repository-parts.ts';
import type { Json, JsonObject } from '../outcome.ts';
import { type Places, pathOfPlace } from '../places.ts';
import { hidden } from '../repositories/secrets.ts';
import { hrefOf } from '../route.ts';

export const bindingPath = '/v2/consumers/{consumer}/bindings/{repository}/{distributor}/';

export const bindingSchema = z.strictObject({
  _id: z.string(),
  id: z.string(),
  consumer_id: z.string(),
  repo_id: z.string(),
  distributor_id: z.string(),
  type_id: z.string().nullable(),
  /** Empty where nothing is served that could be read. */
  details: z.record(z.string(), z.unknown()),
  binding_config: z.record(z.string(), z.unknown()),
  consumer_actions: z.array(z.unknown()),
  deleted: z.literal(false),
  notify_agent: z.boolean(),
  _ns: z.literal('consumer_bindings'),
  _href: z.string(),
});

/** Where clients reach the front, for consumers. */
export interface FrontFacts {
  readonly serverName: string;
  /** The CA of its certificate, PEM; undefined where consumers know it already. */
  readonly authority: string | undefined;
}

export interface BindingView {
  readonly boundTo: (target: BindingTarget) => Promise<BoundTo | undefined>;
  readonly front: FrontFacts;
  readonly places: Pick<Places, 'prefixes'>;
  /** The key of a repository's client certificate is for the consumer itself. */
  readonly showsKeys: boolean;
}

export async function showBinding(binding: Binding, view: BindingView): Promise<JsonObject> {
  const { _id: id, consumer_id, repo_id, distributor_id, notify_agent } = binding;
  const found = await view.boundTo(binding);
  return {
    _id: id,
    id,
    consumer_id,
    repo_id,
    distributor_id,
    type_id: found?.distributor.distributor_type_id ?? null,
    details:
      found?.distribution === undefined
        ? {}
        : detailsOf(found, found.distribution, {
            ...view,
            // What it bound itself to was open without a key.
            showsKeys: view.showsKeys && binding.is_granted,
          }),
    binding_config: binding.binding_config as JsonObject,
    consumer_actions: [],
    deleted: false,
    notify_agent,
    _ns: 'consumer_bindings',
    _href: hrefOf(bindingPath, {
      consumer: consumer_id,
      repository: repo_id,
      distributor: distributor_id,
    }),
  };
}

/** In their order. */
export async function showBindings(
  bindings: readonly Binding[],
  view: BindingView,
): Promise<readonly JsonObject[]> {
  const shown: JsonObject[] = [];
  for (const binding of bindings) shown.push(await showBinding(binding, view));
  return shown;
}

export interface BoundTo {
  readonly repository: Repository;
  readonly distributor: Distributor;
  /** Undefined where the distributor serves nothing. */
  readonly distribution: DistributionDocument | undefined;
}

interface BoundToIn {
  readonly repositories: Pick<Repositories, 'byId'>;
  readonly distributions: Pick<Distributions, 'ofRepository'>;
}

/** Undefined when there is no such repository, or no such distributor of it. */
export async function findBound(
  { repositories, distributions }: BoundToIn,
  repositoryId: string,
  distributorId: string,
): Promise<BoundTo | undefined> {
  const repository = await repositories.byId(repositoryId);
  const distributor = repository && distributorOf(repository, distributorId);
  if (repository === undefined || distributor === undefined) return undefined;
  const [distribution] = await distributions.ofRepository(repositoryId, distributorId);
  return { repository, distributor, distribution };
}

/** The consumer payload of Pulp 2, by which its handler writes the file of the package manager. */
function detailsOf(
  { repository, distributor }: BoundTo,
  distribution: DistributionDocument,
  { front, places, showsKeys }: BindingView,
): JsonObject {
  const { https_ca, auth_ca, auth_cert } = distributor.config;
  const isGiven = typeof auth_cert === 'string' && typeof auth_ca === 'string';
  return {
    repo_name: repository.display_name ?? repository._id,
    server_name: front.serverName,
    ca_cert: typeof https_ca === 'string' ? https_ca : (front.authority ?? null),
    relative_path: pathOfPlace(distribution, places),
    protocols: protocolsOf(distribution),
    // Pulp's clients know an empty list for none.
    gpg_keys: distribution.gpg_key === null ? [] : { 'pulp.key': distribution.gpg_key },
    client_cert: clientCertificateOf(isGiven ? auth_cert : undefined, showsKeys),
    global_auth_ca: null,
    global_auth_cert: null,
    global_auth_key: null,
  };
}

function protocolsOf({ http, https }: DistributionDocument): Json {
  return [...(http ? ['http'] : []), ...(https ? ['https'] : [])];
}

function clientCertificateOf(certificate: string | undefined, showsKeys: boolean): string | null {
  if (certificate === undefined) return null;
  return showsKeys ? certificate : hidden;
}
