/** What a valid configuration says that its operator may not have meant. */

import { describeAddress, type ListenAddress } from '../listen-address.ts';
import type { PolicyNode, Problem } from '../model.ts';
import type {
  Configuration,
  HttpListener,
  PoolConfiguration,
  UwsgiListener,
} from './configuration.ts';
import { isLoopback } from './kinds/network.ts';
import { isLeftToStore } from './left-to-store.ts';
import { placeInPool } from './pools.ts';
import { hasStore } from './store-use.ts';

/** The warnings of `portcullis check`; none of them stops the start. */
export function configurationWarnings(configuration: Configuration): readonly Problem[] {
  return [
    ...distributionWarnings(configuration),
    ...remoteUserWarnings(configuration),
    ...configuration.pools.flatMap(poolWarnings),
    ...limitWarnings(configuration),
    ...monitorWarnings(configuration),
    ...edgeWarnings(configuration),
    ...auditWarnings(configuration),
  ];
}

function distributionWarnings({ distributions, pools, store }: Configuration): readonly Problem[] {
  const mayHaveOthers = hasStore({ store, pools });
  const unless = mayHaveOthers ? ' unless the store has one' : '';
  const closed = distributions.flatMap((distribution, index) =>
    isLeftToStore(distribution)
      ? warning(
          `distributions[${index}]`,
          `${distribution.relativeUrl} has no access policy: nobody can read it${unless}`,
        )
      : [],
  );
  const isServed = pools.some(({ roles }) => roles.includes('content'));
  if (isServed && distributions.length === 0 && !mayHaveOthers) {
    return warning('distributions', 'there is none: every request is answered with 404');
  }
  if (isServed || distributions.length === 0) return closed;
  return [
    ...closed,
    ...warning('distributions', 'no pool has the role content: nothing of them is served'),
  ];
}

function remoteUserWarnings({ distributions, policies, pools }: Configuration): readonly Problem[] {
  const isNamed = pools.some(
    ({ roles, listen: { uwsgi, http } }) =>
      roles.includes('content') && (uwsgi?.trustRemoteUser || http?.headers.remoteUser),
  );
  if (isNamed) return [];
  const trees = [
    ...policies.map(({ name, access }) => ({ at: `policies.${name}`, access })),
    ...distributions.flatMap(({ access, paths }, index) => [
      { at: `distributions[${index}].access`, access },
      ...paths.map((path, number) => ({
        at: `distributions[${index}].paths[${number}].access`,
        access: path.access,
      })),
    ]),
  ];
  return trees.flatMap(({ at, access }) =>
    access !== undefined && hasRule(access, 'remote-user')
      ? warning(
          at,
          'remote-user never allows: no listener says who the remote user is; set listen.uwsgi.trustRemoteUser or listen.http.headers.remoteUser where the front authenticates',
        )
      : [],
  );
}

function hasRule(node: PolicyNode, name: string): boolean {
  switch (node.type) {
    case 'rule':
      return node.name === name;
    case 'policy':
      return false;
    case 'not':
      return hasRule(node.child, name);
    default:
      return node.children.some((child) => hasRule(child, name));
  }
}

function poolWarnings({ name, roles, listen }: PoolConfiguration): readonly Problem[] {
  const { uwsgi, http } = listen;
  const at = (setting: string): string => placeInPool(name, `listen.${setting}`);
  return [
    ...openSocket(at('uwsgi'), uwsgi),
    ...openSocket(at('http'), http),
    ...(roles.length > 0 ? unnamedHeaders(at('http'), http) : []),
    ...(uwsgi?.trustRemoteUser
      ? warning(
          at('uwsgi.trustRemoteUser'),
          'REMOTE_USER is believed: with nginx, $remote_user is whatever the client sends, unless auth_basic protects the same location',
        )
      : []),
  ];
}

function openSocket(
  at: string,
  listener: UwsgiListener | HttpListener | undefined,
): readonly Problem[] {
  if (listener === undefined || !isOpenToAll(listener)) return [];
  return warning(
    `${at}.mode`,
    `${octal(listener.mode)} lets every user of this host speak as the front; 0660 with the front's group is enough`,
  );
}

/** What no header carries is unknown of every client, and rules that need it never allow. */
function unnamedHeaders(at: string, listener: HttpListener | undefined): readonly Problem[] {
  const facts = ['clientCertificate', 'clientAddress', 'scheme'] as const;
  const unnamed = facts.filter((fact) => listener !== undefined && !listener.headers[fact]);
  if (unnamed.length === 0) return [];
  const message = `${unnamed.join(', ')} not named: no rule learns of the client what these would tell`;
  return warning(`${at}.headers`, message);
}

function limitWarnings({ access, limits }: Configuration): readonly Problem[] {
  if (access.timeLimitSeconds < limits.requestSeconds) return [];
  return warning(
    'access.timeLimitSeconds',
    `${access.timeLimitSeconds} is never reached: limits.requestSeconds ends the request after ${limits.requestSeconds}`,
  );
}

function monitorWarnings({ monitor: { stats, metrics } }: Configuration): readonly Problem[] {
  return [
    ...(stats !== undefined && isOpenToAll(stats)
      ? warning(
          'monitor.stats.mode',
          `${octal(stats.mode)} lets every user of this host read which paths are asked for; 0660 with a group is enough`,
        )
      : []),
    ...exposed('monitor.stats.address', stats?.address),
    ...exposed('monitor.metrics.address', metrics?.address),
  ];
}

/** nginx serves by itself what it would be handed, and nothing else. */
function edgeWarnings({ pools, nginx }: Configuration): readonly Problem[] {
  const isHanded = pools.some(({ listen: { uwsgi, http } }) =>
    [uwsgi, http].some((listener) => listener?.handOff === 'x-accel-redirect'),
  );
  if (nginx.edgeDecisionSeconds === 0 || isHanded) return [];
  return warning(
    'nginx.edgeDecisionSeconds',
    'nothing is remembered: no listener hands files over to nginx (handOff: x-accel-redirect)',
  );
}

/** Workers for content make no store, and nobody else does there. */
function auditWarnings({ audit, store, pools }: Configuration): readonly Problem[] {
  const hasStore =
    store.isNamed || pools.some(({ roles }) => roles.some((role) => role !== 'content'));
  if (!audit.inStore || hasStore) return [];
  return warning(
    'audit.inStore',
    'no decision is kept: there is no store; name one in the group store, or give a pool the role api',
  );
}

/** Neither of them asks who reads. */
function exposed(at: string, address: ListenAddress | undefined): readonly Problem[] {
  if (address?.type !== 'tcp' || isLoopback(address.host)) return [];
  return warning(
    at,
    `${describeAddress(address)} tells everybody who reaches it how this server is used; only a packet filter keeps others out`,
  );
}

function isOpenToAll({
  address,
  mode,
}: {
  readonly address: ListenAddress;
  readonly mode: number;
}): boolean {
  return address.type === 'unix' && (mode & 0o002) !== 0;
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}

function warning(at: string, message: string): readonly Problem[] {
  return [{ at, message }];
}
