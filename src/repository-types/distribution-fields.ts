/** What the distributors that serve something have in common: where, by what protocols, to whom. */

import type { JsonObject } from '../repositories/documents.ts';
import {
  authorities,
  fileText,
  flag,
  publicFileText,
  relativeUrl,
  required,
} from './config-fields.ts';
import type { ConfigFields } from './config-reader.ts';
import { relativePathOf } from './relative-path.ts';
import type { ConfigProblem, DescribedDistribution } from './repository-type.ts';

/** As Pulp's yum_distributor has them. `force_full` publishes though nothing changed. */
export const distributionFields: ConfigFields = {
  relative_url: required(relativeUrl),
  http: required(flag),
  https: required(flag),
  auth_ca: authorities,
  auth_cert: fileText,
  https_ca: authorities,
  gpgkey: publicFileText,
  protected: flag,
  force_full: flag,
};

/** Names in the configuration that are never shown: the certificate has its key beside it. */
export const distributionSecrets: readonly string[] = ['auth_cert'];

/** @param protocols the names of the two options */
export function refuseNoProtocol(
  config: JsonObject,
  protocols: readonly [http: string, https: string] = ['http', 'https'],
): readonly ConfigProblem[] {
  if (protocols.some((name) => config[name] === true)) return [];
  const [http, https] = protocols;
  const message = `Cannot serve by no protocol: expected ${http} or ${https} to be true`;
  return [{ property: https, kind: 'invalid', message }];
}

/** @throws TypeError for a configuration that was not read by the distributor */
export function describeDistribution(config: JsonObject): DescribedDistribution {
  return {
    area: 'repos',
    relativeUrl: servedPath(config.relative_url),
    http: config.http === true,
    https: config.https === true,
    authCa: textOf(config.auth_ca),
    gpgKey: textOf(config.gpgkey),
  };
}

/** @throws TypeError for what is no relative path */
export function servedPath(raw: unknown): string {
  const path = typeof raw === 'string' ? relativePathOf(raw) : undefined;
  if (path === undefined) throw new TypeError('a distributor without a relative path is described');
  return path;
}

export function textOf(raw: unknown): string | undefined {
  return typeof raw === 'string' ? raw : undefined;
}
