/** The configuration of the distributor of a repository, out of the options. */

import type { Given } from '../../command.ts';
import { configOf } from '../config-options.ts';
import type { RepositoryFamily } from '../family.ts';

export type Values = Readonly<Record<string, unknown>>;

/**
 * What the line says of it; a CA of clients protects it, as for pulp-admin.
 *
 * @throws PortcullisError USAGE, FILE_UNREADABLE
 */
export async function distributionOf(
  { distributor }: RepositoryFamily,
  given: Given,
  path: readonly string[],
): Promise<Values> {
  const config = await configOf(distributor.options, given, path);
  const authority = given.one('auth-ca');
  return authority === undefined ? config : { ...config, protected: authority !== '' };
}

/** Of the same, what Pulp's second distributor has too. */
export function exporterConfigOf(distribution: Values): Values {
  const names = ['relative_url', 'http', 'https'];
  return Object.fromEntries(Object.entries(distribution).filter(([name]) => names.includes(name)));
}
