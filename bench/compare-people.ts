/** What calls of the API cost with 100 users and permissions, and with 100,000. */

import type { AddressInfo } from 'node:net';
import { hashPassword } from '../src/api/password-check.ts';
import { grantsOfNewUser } from '../src/people/automatic-grants.ts';
import { newId } from '../src/stores/document.ts';
import type { StoreSettings } from '../src/stores/open.ts';
import { type RunningApi, runApi } from '../test/api/running-api.ts';
import { temporaryDirectory } from '../test/support/temporary.ts';
import { inRounds, median, printRow } from './rounds.ts';

const sizes = { few: 100, many: 100_000 };

/** Users that are made at a time. */
const batchUsers = 1000;

const password = 'password of all';

/** @param calls of each measurement */
export async function comparePeople(calls: number): Promise<void> {
  using directory = temporaryDirectory();
  const url = process.env.MONGODB_URL;
  const stores: readonly ((size: number) => StoreSettings)[] = [
    (size) => ({ type: 'sqlite', file: directory.file(`${size}.db`) }),
    ...(url === undefined ? [] : [(size: number) => mongodbSettings(url, size)]),
  ];
  for (const settingsOf of stores) await compareSizes(settingsOf, calls);
}

/** A database of its own for each run, which stays: it is the operator's to drop. */
function mongodbSettings(url: string, size: number): StoreSettings {
  const own = new URL(url);
  own.pathname = `/bench-${newId()}-${size}`;
  return { type: 'mongodb', url: own.href };
}

async function compareSizes(
  settingsOf: (size: number) => StoreSettings,
  calls: number,
): Promise<void> {
  await using few = await runApi(settingsOf(sizes.few));
  await using many = await runApi(settingsOf(sizes.many));
  await makeUsers(few, sizes.few);
  await makeUsers(many, sizes.many);
  const measured = await inRounds(kinds, (kind) => compare(kind, { few, many }, calls));
  print(measured, few.parts.store.kind, calls);
}

interface Kind {
  readonly name: string;
  readonly call: (login: string, number: number) => Call;
}

interface Call {
  readonly target: string;
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const asAdmin = { 'X-Remote-User': 'admin' };

const kinds: readonly Kind[] = [
  {
    name: 'login by password',
    call: (login) => ({
      target: 'actions/login/',
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}` },
    }),
  },
  {
    name: 'permission check',
    call: (login) => ({ target: `users/${login}/`, headers: { 'X-Remote-User': login } }),
  },
  {
    name: 'search by login',
    call: (login) => ({
      target: 'users/search/',
      method: 'POST',
      headers: asAdmin,
      body: { criteria: { filters: { login } } },
    }),
  },
  {
    name: 'permissions of a resource',
    call: (_, number) => ({
      target: `permissions/?resource=${encodeURIComponent(resourceOf(number))}`,
      headers: asAdmin,
    }),
  },
];

/** Each with the grants of every new user, and one more at a resource that nobody else has. */
async function makeUsers({ parts }: RunningApi, count: number): Promise<void> {
  const { store } = parts;
  console.error(`making ${count} users in ${store.kind}`);
  // One hash for all: making one costs more than all the rest.
  const hash = await hashPassword(password, parts);
  if (typeof hash !== 'string') throw new TypeError('the password of the users can be none');
  for (let start = 0; start < count; start += batchUsers) {
    const end = Math.min(count, start + batchUsers);
    const numbers = Array.from({ length: end - start }, (_, index) => start + index);
    await store.insertMany(
      'users',
      numbers.map((number) => userOf(number, hash)),
    );
  }
}

function userOf(number: number, hash: string) {
  const id = newId();
  const login = loginOf(number);
  const automatic = grantsOfNewUser({ id, login }).map(({ holder: _, ...grant }) => grant);
  const grants = [...automatic, { resource: resourceOf(number), operations: ['READ'] }];
  return { _id: id, login, name: login, password: hash, roles: [], grants, isDisabled: false };
}

function loginOf(number: number): string {
  return `user-${number}`;
}

function resourceOf(number: number): string {
  return `/v2/repositories/repository-${number}/`;
}

interface Cost {
  /** Milliseconds of a call in the middle. */
  readonly milliseconds: number;
  /** CPU time of a call in the middle, milliseconds: of the API, its store if that is SQLite, and the client. */
  readonly cpu: number;
}

type Size = keyof typeof sizes;

/** In turn, call by call, so that what else the machine does hits both. */
async function compare(
  { call }: Kind,
  apis: Readonly<Record<Size, RunningApi>>,
  calls: number,
): Promise<Readonly<Record<Size, Cost>>> {
  const costs = { few: [] as Cost[], many: [] as Cost[] };
  for (let at = 0; at < calls; at += 1) {
    for (const size of ['few', 'many'] as const) {
      // Spread over all users: a prime is no divisor of how many there are.
      const number = (at * 7919) % sizes[size];
      costs[size].push(await costOf(apis[size], call(loginOf(number), number)));
    }
  }
  return { few: middle(costs.few), many: middle(costs.many) };
}

async function costOf(api: RunningApi, call: Call): Promise<Cost> {
  const { target, method = 'GET', headers, body } = call;
  const { port } = api.server.address() as AddressInfo;
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  const response = await fetch(`http://127.0.0.1:${port}/pulp/api/v2/${target}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const { user, system } = process.cpuUsage(cpu);
  if (response.status !== 200) throw new Error(`${target} was answered with ${text}`);
  return { milliseconds: performance.now() - begun, cpu: (user + system) / 1000 };
}

function middle(costs: readonly Cost[]): Cost {
  return {
    milliseconds: median(costs, ({ milliseconds }) => milliseconds),
    cpu: median(costs, ({ cpu }) => cpu),
  };
}

const widths = [28, 10, 10, 8, 12];

function print(
  measured: ReadonlyMap<string, readonly Readonly<Record<Size, Cost>>[]>,
  store: string,
  calls: number,
): void {
  console.log(`\nUsers and permissions in ${store}, ${calls} calls a measurement, ms a call\n`);
  printRow(['call', String(sizes.few), String(sizes.many), 'ratio', 'CPU ratio'], widths);
  for (const [name, rounds] of measured) {
    const few = middle(rounds.map((round) => round.few));
    const many = middle(rounds.map((round) => round.many));
    const times = [few.milliseconds, many.milliseconds];
    const ratios = [many.milliseconds / few.milliseconds, many.cpu / few.cpu];
    printRow([name, ...[...times, ...ratios].map((value) => value.toFixed(2))], widths);
  }
  console.log('\nratio: of many to few; passwords are hashed as cheaply as can be');
}
