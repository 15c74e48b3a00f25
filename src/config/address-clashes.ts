/** Addresses that two listeners would have, or that no listener can have. */

import ipaddr from 'ipaddr.js';
import {
  describeAddress,
  type ListenAddress,
  socketPathBytesMax,
  workerAddress,
} from '../listen-address.ts';
import type { Problem } from '../model.ts';
import type { MonitorConfiguration, PoolConfiguration, Sockets } from './configuration.ts';
import { placeInPool } from './pools.ts';
import { workerCount } from './worker-count.ts';

const portMax = 65_535;

/**
 * What is wrong with the addresses of all pools and of the monitor together. The sockets of single
 * workers are counted with the workers that the pools start with.
 */
export function addressProblems(
  pools: readonly PoolConfiguration[],
  monitor: MonitorConfiguration,
): readonly Problem[] {
  const places = [...pools.flatMap(listenPlaces), ...monitorPlaces(monitor)];
  const tooFar = places.flatMap(lastAddressProblem);
  return tooFar.length > 0 ? tooFar : clashes(places);
}

interface ListenPlace {
  /** As `listen.uwsgi.address`. */
  readonly at: string;
  readonly address: ListenAddress;
  readonly sockets: Sockets;
  readonly workers: number;
}

function listenPlaces({ name, listen, workers }: PoolConfiguration): readonly ListenPlace[] {
  return Object.entries(listen).flatMap(([listener, settings]) => {
    if (settings === undefined) return [];
    const { address, sockets } = settings;
    const at = placeInPool(name, `listen.${listener}.address`);
    return [{ at, address, sockets, workers: workerCount(workers) }];
  });
}

function monitorPlaces(monitor: MonitorConfiguration): readonly ListenPlace[] {
  return Object.entries(monitor).flatMap(([name, settings]) =>
    settings === undefined
      ? []
      : [
          {
            at: `monitor.${name}.address`,
            address: settings.address,
            sockets: 'shared',
            workers: 1,
          },
        ],
  );
}

function addressesOf({ address, sockets, workers }: ListenPlace): readonly ListenAddress[] {
  if (sockets === 'shared') return [address];
  return Array.from({ length: workers }, (_, index) => workerAddress(address, index + 1));
}

/** The last worker's port is the highest, and its path the longest. */
function lastAddressProblem(place: ListenPlace): readonly Problem[] {
  const last = addressesOf(place).at(-1);
  if (last === undefined) return [];
  const excess =
    last.type === 'tcp'
      ? last.port > portMax &&
        `the last one's port would be ${last.port}, the highest is ${portMax}`
      : Buffer.byteLength(last.path) > socketPathBytesMax &&
        `the path of the last one would be longer than ${socketPathBytesMax} bytes`;
  if (excess === false) return [];
  const message = `Cannot give each of ${place.workers} workers its socket from ${describeAddress(place.address)}: ${excess}`;
  return [{ at: place.at, message }];
}

interface Taken {
  readonly at: string;
  readonly host: string;
}

/** One problem for each listener, even when every worker of it has one. */
function clashes(places: readonly ListenPlace[]): readonly Problem[] {
  const taken = new Map<string, Taken[]>();
  return places.flatMap((place) => {
    const clash = addressesOf(place)
      .map((address) => ({ address, other: takeAddress(taken, address, place.at) }))
      .find(({ other }) => other !== undefined);
    if (clash === undefined) return [];
    const message = `Cannot listen at ${describeAddress(clash.address)} twice: ${clash.other} is there; each listener needs an address of its own`;
    return [{ at: place.at, message }];
  });
}

/** Notes who has `address`, and gives who had it before. */
function takeAddress(
  taken: Map<string, Taken[]>,
  address: ListenAddress,
  at: string,
): string | undefined {
  const key = address.type === 'unix' ? address.path : String(address.port);
  const host = address.type === 'unix' ? '' : hostOf(address.host);
  const others = taken.get(key) ?? [];
  taken.set(key, [...others, { at, host }]);
  return others.find((other) => isSameHost(other.host, host))?.at;
}

/** One spelling for each address; an IPv4 address inside IPv6 is that IPv4 address. */
function hostOf(host: string): string {
  return ipaddr.process(host).toNormalizedString();
}

const everyIpv4 = '0.0.0.0';
/** Without IPV6_V6ONLY, which Node leaves off, it takes IPv4 as well. */
const everyHost = '0:0:0:0:0:0:0:0';

function isSameHost(one: string, other: string): boolean {
  if (one === other || one === everyHost || other === everyHost) return true;
  const isIpv4 = (host: string): boolean => host.includes('.');
  return (one === everyIpv4 && isIpv4(other)) || (other === everyIpv4 && isIpv4(one));
}
