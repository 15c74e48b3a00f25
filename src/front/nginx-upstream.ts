/** Where nginx finds Portcullis: the sockets of the workers that serve content, and the API. */

import type {
  Configuration,
  HttpListener,
  PoolConfiguration,
  Role,
  UwsgiListener,
} from '../config/configuration.ts';
import { placeInPool } from '../config/pools.ts';
import { workerCount } from '../config/worker-count.ts';
import { PortcullisError } from '../errors.ts';
import { describeAddress, type ListenAddress, workerAddress } from '../listen-address.ts';
import { quote } from './nginx-quote.ts';

/** How often one request is tried. Not often: one that ends a worker shall not end them all. */
export const triesMax = 3;

/** Idle connections that each worker of nginx keeps. */
export const keepAliveConnections = 32;

export type Upstream = {
  /** Of its block. */
  readonly name: 'portcullis' | 'portcullis_api';
  /** Of the pool. */
  readonly workers: number | 'auto';
  readonly requestSeconds: number;
} & (
  | { readonly protocol: 'uwsgi'; readonly listener: UwsgiListener }
  | { readonly protocol: 'http'; readonly listener: HttpListener }
);

export interface Upstreams {
  /** Of every path that is not the API's. */
  readonly main: Upstream;
  /** The same one where a pool has both roles; undefined where no pool has the role `api`. */
  readonly api: Upstream | undefined;
}

/**
 * The listeners that nginx speaks to: of the first pool that serves content, or else anything, and of
 * the first that serves the API. HTTP where it is configured, because it is the faster one and takes
 * every certificate; else uwsgi.
 *
 * @throws PortcullisError CONFIG_INVALID when there is neither, or its hand-off is not one of nginx
 */
export function upstreamsOf({ pools, limits }: Configuration): Upstreams {
  const { requestSeconds } = limits;
  const withRole = (role: Role): PoolConfiguration | undefined =>
    pools.find(({ roles }) => roles.includes(role));
  const mainPool = withRole('content') ?? pools.find(answers);
  if (mainPool === undefined) throw cannotWrite('no pool answers requests');
  const apiPool = withRole('api');
  const main = upstreamIn('portcullis', mainPool, requestSeconds);
  refuseForeignHandOff(main, mainPool);
  if (apiPool === undefined || apiPool === mainPool) return { main, api: apiPool && main };
  return { main, api: upstreamIn('portcullis_api', apiPool, requestSeconds) };
}

function answers({ listen }: PoolConfiguration): boolean {
  return Object.values(listen).some((listener) => listener !== undefined);
}

function upstreamIn(
  name: Upstream['name'],
  { name: pool, workers, listen: { http, uwsgi } }: PoolConfiguration,
  requestSeconds: number,
): Upstream {
  const rest = { name, workers, requestSeconds };
  if (http !== undefined) return { ...rest, protocol: 'http', listener: http };
  if (uwsgi !== undefined) return { ...rest, protocol: 'uwsgi', listener: uwsgi };
  const only = placeInPool(pool, 'listen.tls');
  throw cannotWrite(`only ${only} is there, and nginx speaks to listen.uwsgi or listen.http`);
}

function refuseForeignHandOff(
  { protocol, listener: { handOff } }: Upstream,
  { name }: PoolConfiguration,
): void {
  if (handOff === 'x-accel-redirect' || handOff === 'stream') return;
  const at = placeInPool(name, `listen.${protocol}.handOff`);
  throw cannotWrite(`${at} is ${handOff}, and nginx knows x-accel-redirect or stream`);
}

function cannotWrite(state: string): PortcullisError {
  return new PortcullisError('CONFIG_INVALID', `Cannot write a configuration of nginx: ${state}`);
}

/** For the `http` block. */
export function upstreamBlock(upstream: Upstream): string {
  const { protocol, listener } = upstream;
  const balanced = listener.sockets === 'worker' ? ownSockets(upstream) : sharedSocket(upstream);
  const keepAlive = protocol === 'http' ? `\n  keepalive ${keepAliveConnections};` : '';
  return `upstream ${upstream.name} {
${balanced}${keepAlive}
}`;
}

function sharedSocket({ listener: { address }, protocol }: Upstream): string {
  const lines = Array.from({ length: linesOfOneSocket(protocol) }, () => serverLine(address));
  const more =
    protocol === 'http'
      ? `
  # And once for each connection that is kept: all may have led to the worker that died, and one that
  # turns out to be dead takes a line without being a try.`
      : '';
  return `  # All workers accept from one socket. It stands here so often as a request may be tried: when a
  # worker died, the next one takes it.${more}
${lines.join('\n')}`;
}

/**
 * nginx takes each line for a request once (`tried` in ngx_http_upstream_round_robin.c of 1.22), also when
 * it has taken a connection that was kept, whose failure is none of the tries.
 */
function linesOfOneSocket(protocol: Upstream['protocol']): number {
  return protocol === 'http' ? triesMax + keepAliveConnections : triesMax;
}

function ownSockets({ name, listener: { address }, workers, protocol }: Upstream): string {
  const count = workerCount(workers);
  const addresses = Array.from({ length: count }, (_, index) => workerAddress(address, index + 1));
  const wanted = count === 1 ? linesOfOneSocket(protocol) : triesMax;
  const again = addressesAgain(addresses, wanted).map((each) => serverLine(each, ' backup'));
  const lines = [...addresses.map((each) => serverLine(each)), ...again];
  const origin =
    workers === 'auto'
      ? `  # One for each core of the host where this was written; elsewhere, set workers.\n`
      : '';
  return `  # Shared by the workers of nginx, so that all of them count the same connections.
  zone ${name} ${zoneKibibytes(lines.length)}k;
  least_conn;
${origin}${lines.join('\n')}`;
}

/** What is tried once more where there are fewer workers than that; the balance leaves it alone. */
function addressesAgain(
  addresses: readonly ListenAddress[],
  wanted: number,
): readonly ListenAddress[] {
  const missing = Math.max(0, wanted - addresses.length);
  const times = Math.ceil(missing / addresses.length);
  return Array.from({ length: times }, () => addresses)
    .flat()
    .slice(0, missing);
}

/** What nginx 1.22 keeps of one server takes less than a kibibyte. */
function zoneKibibytes(servers: number): number {
  return 64 + servers;
}

/** A worker that died is replaced within a moment, and its socket waits: nothing is to be avoided. */
function serverLine(address: ListenAddress, more = ''): string {
  return `  server ${quote(describeAddress(address))} max_fails=0${more};`;
}
