/** How clients are configured for what a distributor publishes. */

import { z } from 'zod';
import {
  aptClientFiles,
  type ClientCredential,
  type ClientFile,
  type ClientSource,
  curlClientFiles,
  yumClientFiles,
} from '../../repositories/client-config.ts';
import { Distributions } from '../../repositories/distributions.ts';
import type { DistributionDocument, Distributor } from '../../repositories/documents.ts';
import { Publications } from '../../repositories/publications.ts';
import { Repositories } from '../../repositories/repositories.ts';
import { distributorOf } from '../../repositories/repository-parts.ts';
import { invalidValue, missingResource } from '../failures.ts';
import { Failure, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { type Places, pathOfPlace, unknownPlaces } from '../places.ts';
import { distributorPath } from '../repositories/show-repository.ts';
import { one, type Route, route } from '../route.ts';

const kinds = ['none', 'certificate', 'password', 'token', 'token-in-path'] as const;

/** A file of a client: nothing that could end the line or the quotes that it stands in. */
const clientPath = z
  .string()
  .regex(/^\/[A-Za-z0-9._+@:,=~/-]{1,1023}$/, 'has to be an absolute path in plain characters');

const query = {
  credential: one(z.enum(kinds)),
  certificate: one(clientPath),
  key: one(clientPath),
  ca: one(clientPath),
  user: one(z.string().regex(/^[A-Za-z0-9._@+-]{1,255}$/, 'has to be a plain login')),
};

const answer = {
  status: 200,
  schema: z.object({
    repository: z.string(),
    distributor: z.string(),
    url: z.string(),
    files: z.array(z.object({ path: z.string(), text: z.string() })),
  }),
} as const;

export function createClientConfigRoutes({
  store,
  now,
  places = unknownPlaces,
}: Pick<ApiParts, 'store' | 'now' | 'places'>): Route[] {
  const repositories = new Repositories(store, now);
  const distributions = new Distributions(store, now);
  const publications = new Publications(store, now);
  return [
    route({
      method: 'GET',
      path: `${distributorPath}client_config/`,
      operation: 'READ',
      summary: 'The configuration of a client for what a distributor publishes, without secrets',
      query,
      answer,
      refusals: [404],
      handle: async ({ params: { repository: id, distributor: distributorId }, query: asked }) => {
        const repository = await repositories.byId(id);
        const distributor = repository && distributorOf(repository, distributorId);
        const [distribution] = await distributions.ofRepository(id, distributorId);
        if (repository == null || distributor === undefined || distribution === undefined) {
          return missingResource({ repo_id: id, distributor_id: distributorId });
        }
        const credential = credentialOf(asked);
        if (credential instanceof Failure) return credential;
        const name = repository.display_name ?? id;
        const place = placeOf(distribution, places);
        const signingKey = await signingKeyOf(distribution, publications);
        const caFile = asked.ca;
        const source = { repository: id, name, ...place, signingKey, caFile, credential };
        const files = filesOf(source, distributor, distribution).map((file) => ({ ...file }));
        const url = source.origin + source.path;
        return ok({ repository: id, distributor: distributorId, url, files });
      },
    }),
  ];
}

interface Asked {
  readonly credential: (typeof kinds)[number] | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly user: string | undefined;
}

function credentialOf({
  credential = 'none',
  certificate,
  key,
  user,
}: Asked): ClientCredential | Failure {
  switch (credential) {
    case 'certificate':
      if (certificate === undefined) return invalidValue('certificate', 'a path of it is needed');
      return { kind: credential, certificate, key };
    case 'password':
      if (user === undefined) return invalidValue('user', 'the login is needed');
      return { kind: credential, user };
    default:
      return { kind: credential };
  }
}

/** Over TLS where it is served so. */
function placeOf(
  distribution: DistributionDocument,
  places: Places,
): Pick<ClientSource, 'origin' | 'path' | 'keyUrl'> {
  const { https, gpg_key, repository, distributor } = distribution;
  const { origin, keyPrefix } = places;
  const key = `${keyPrefix}${repository}/${distributor}.key`;
  return {
    origin: https ? origin : origin.replace(/^https:/, 'http:'),
    path: pathOfPlace(distribution, places),
    keyUrl: gpg_key === null ? undefined : origin + key,
  };
}

/** Of what is served at the moment: what the configuration says may not be published yet. */
async function signingKeyOf(
  { publication }: DistributionDocument,
  publications: Publications,
): Promise<string | undefined> {
  if (publication === null) return undefined;
  return (await publications.byId(publication))?.signing_key ?? undefined;
}

function filesOf(
  source: ClientSource,
  { distributor_type_id: type, config }: Distributor,
  { area, gpg_key }: DistributionDocument,
): readonly ClientFile[] {
  if (area === 'isos') return curlClientFiles(source);
  if (type !== 'deb_distributor') return yumClientFiles(source);
  const textOf = (value: unknown, usual: string): string =>
    typeof value === 'string' ? value : usual;
  return aptClientFiles({
    ...source,
    suite: textOf(config.suite, 'stable'),
    component: textOf(config.component, 'main'),
    signingKey: source.signingKey ?? gpg_key ?? undefined,
  });
}
