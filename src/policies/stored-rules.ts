/** What rules of the store's policies may have: no file of the host, and no address to call. */

import type { AuthorizerPlugin, Services } from '../plugin.ts';

/** @throws Error when the rule may not stand in the store, or not with these options */
export function optionsOfStored(plugin: AuthorizerPlugin, raw: unknown): unknown {
  if (plugin.parseStoredOptions !== undefined) return plugin.parseStoredOptions(raw);
  throw new Error(
    `the rule ${plugin.name} may stand in the configuration alone: give a policy with it a name there, and refer to that`,
  );
}

/** The services that reach nothing but the store, whatever the options say. */
const harmless: ReadonlySet<string> = new Set<keyof Services>([
  'log',
  'now',
  'readEntitlement',
  'openStoredUsers',
  'openStoredSessions',
  'openStoredConsumers',
  'openTokens',
]);

/** The services of a rule but for those that reach files and addresses, which refuse. */
export function servicesOfStored(services: Services): Services {
  const entries = Object.entries(services).map(([name, service]) =>
    harmless.has(name) ? [name, service] : [name, refuse],
  );
  const openInlineAuthority: Services['openInlineAuthority'] = (pem, revocation) =>
    revocation === undefined ? services.openInlineAuthority(pem) : refuse();
  return Object.freeze({ ...Object.fromEntries(entries), openInlineAuthority });
}

function refuse(): never {
  throw new Error('it asks for a file or an address, which no policy of the store may');
}
