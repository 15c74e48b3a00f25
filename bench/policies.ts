/** What a decision costs among ten thousand distributions, each with a grant of its own, beside ten. */

import { setTimeout as sleep, setImmediate as yieldToOthers } from 'node:timers/promises';
import { accessRequestFor, decide, locate } from '../src/content/decide.ts';
import { createLogger } from '../src/log.ts';
import { StoredPolicies } from '../src/policies/stored-policies.ts';
import type { Store } from '../src/stores/store.ts';
import { type OpenedContent, openContent } from '../src/work/content-parts.ts';
import { createControlPlane } from '../src/work/control-plane.ts';
import { configurationIn } from '../test/support/administered.ts';
import { evidence } from '../test/support/evidence.ts';
import { until } from '../test/support/processes.ts';
import { temporaryDirectory } from '../test/support/temporary.ts';
import { inRounds, median, printRow } from './rounds.ts';

const few = 10;
const many = 10_000;

/** How many decisions are made one after the other before their time is taken. */
const batch = 100;

const widths = [52, 10, 10, 8];

interface Case {
  readonly name: string;
  /** How many of the distributions are asked for, evenly. */
  readonly asked: number;
  readonly content: OpenedContent['content'];
}

interface Result {
  /** Microseconds of a decision, as the median and the 99th percentile of the batches. */
  readonly p50: number;
  readonly p99: number;
}

/** @param decisions of each measurement */
export async function comparePolicies(decisions: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const cases: Case[] = [];
  for (const origin of ['configuration', 'store'] as const) {
    for (const distributions of [few, many]) {
      const opened = await open(origin, distributions, stack);
      const name = `${distributions} in the ${origin}`;
      for (const asked of new Set([few, distributions])) {
        cases.push({ name: nameOf(distributions, asked, origin), asked, content: opened.content });
      }
      console.log(`${name}: opened in ${opened.milliseconds.toFixed(0)} ms`);
      if (opened.change !== undefined) {
        const milliseconds = await opened.change();
        console.log(`${name}: a change of one is in force after ${milliseconds.toFixed(0)} ms`);
      }
    }
  }
  const measured = await inRounds(cases, (each) => measure(each, decisions));
  printRow(['distributions, each with its grant', 'p50 µs', 'p99 µs', 'ratio'], widths);
  for (const origin of ['configuration', 'store']) {
    const base = median(measured.get(nameOf(few, few, origin)) ?? [], ({ p50 }) => p50);
    for (const [count, asked] of [
      [few, few],
      [many, few],
      [many, many],
    ] as const) {
      const name = nameOf(count, asked, origin);
      const results = measured.get(name) ?? [];
      const p50 = median(results, (one) => one.p50);
      const p99 = median(results, (one) => one.p99);
      printRow([name, ...[p50, p99, p50 / base].map((figure) => figure.toFixed(2))], widths);
    }
  }
}

function nameOf(distributions: number, asked: number, origin: string): string {
  return `${distributions} in the ${origin}, ${asked} of them asked for`;
}

interface Opened {
  readonly content: OpenedContent['content'];
  readonly milliseconds: number;
  /** Closes the first distribution; gives the time until it is closed. Of the store alone. */
  readonly change?: () => Promise<number>;
}

async function open(
  origin: 'configuration' | 'store',
  distributions: number,
  stack: AsyncDisposableStack,
): Promise<Opened> {
  const directory = stack.use(temporaryDirectory());
  const numbers = Array.from({ length: distributions }, (_, index) => index);
  const configuration = await configurationIn(directory, {
    store: { file: directory.file('store.db') },
    policies: { staff: { 'remote-user': { users: ['staff'] } } },
    distributions: numbers.map((number) => ({
      relativeUrl: urlOf(number),
      root: directory.path,
      ...(origin === 'configuration' && { access: grantOf(number) }),
    })),
  });
  const log = createLogger({ level: 'error', write: (line) => process.stderr.write(line) });
  const controlPlane = stack.use(createControlPlane(configuration, 'write'));
  const store = await controlPlane.store();
  if (origin === 'store') await fill(store, numbers);
  const begun = performance.now();
  const parts = { configuration, log, now: () => new Date(), controlPlane, observe: () => {} };
  const { content, problems } = await openContent(parts, stack);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  await until('the last one is open', async () => isAllowed(content, distributions - 1), 60_000);
  const milliseconds = performance.now() - begun;
  if (origin === 'configuration') return { content, milliseconds };
  return { content, milliseconds, change: () => close(store, content) };
}

/** Twenty distributions lie in one directory, each of three segments. */
function urlOf(number: number): string {
  return `customers/group-${Math.floor(number / 20)}/repository-${number}`;
}

/** One customer, by name, and the staff. */
function grantOf(number: number): object {
  return { any: [{ policy: 'staff' }, { 'remote-user': { users: [`customer-${number}`] } }] };
}

async function fill(store: Store, numbers: readonly number[]): Promise<void> {
  const common = { uses: ['staff'], by: 'bench', changed: new Date() };
  await store.insert('policy_order', { _id: 'last', number: numbers.length });
  await store.insertMany(
    'distribution_access',
    numbers.map((number) => {
      const tree = JSON.stringify({ access: grantOf(number) });
      return { distribution: urlOf(number), tree, order: number, ...common };
    }),
  );
}

async function close(store: Store, content: OpenedContent['content']): Promise<number> {
  const stored = new StoredPolicies(store, () => new Date());
  const shut = JSON.stringify({ access: { not: grantOf(0) } });
  const begun = performance.now();
  await stored.setAccess(urlOf(0), { tree: shut, uses: ['staff'], by: 'bench' });
  while (await isAllowed(content, 0)) await sleep(1);
  const milliseconds = performance.now() - begun;
  const tree = JSON.stringify({ access: grantOf(0) });
  await stored.setAccess(urlOf(0), { tree, uses: ['staff'], by: 'bench' });
  await until('it is open again', () => isAllowed(content, 0), 60_000);
  return milliseconds;
}

async function measure({ content, asked }: Case, decisions: number): Promise<Result> {
  const times: number[] = [];
  for (let done = 0; done < decisions; done += batch) {
    const begun = performance.now();
    for (let index = 0; index < batch; index += 1) {
      // A step that shares no factor with the number leads through all of them.
      const isOpen = await isAllowed(content, ((done + index) * 7919) % asked);
      if (!isOpen) throw new Error('a customer was refused');
    }
    times.push(((performance.now() - begun) * 1000) / batch);
    await yieldToOthers();
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

async function isAllowed(content: OpenedContent['content'], number: number): Promise<boolean> {
  const target = locate(`/pulp/repos/${urlOf(number)}/file`, content.resolve, true);
  if ('refusal' in target) throw new Error(target.refusal.reason);
  const customer = evidence({ remoteUser: `customer-${number}` });
  const request = accessRequestFor(target, 'GET', customer);
  return (await decide(target, request, content.ask)).outcome === 'allow';
}
