/** What ten thousand distributions of the store cost: a step from a target to its file, and memory. */

import { setTimeout as sleep, setImmediate as yieldToOthers } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { accessRequestFor, decide, locate } from '../src/content/decide.ts';
import { findServed } from '../src/content/find-served.ts';
import { createLogger } from '../src/log.ts';
import { distributionsCollection } from '../src/repositories/documents.ts';
import { type OpenedContent, openContent } from '../src/work/content-parts.ts';
import { createControlPlane } from '../src/work/control-plane.ts';
import { configurationIn } from '../test/support/administered.ts';
import { evidence } from '../test/support/evidence.ts';
import { createPublishingSite } from '../test/support/published.ts';
import { temporaryDirectory } from '../test/support/temporary.ts';
import { inRounds, median, printRow } from './rounds.ts';

const few = 10;
const many = 10_000;

/** How many files are found one after the other before their time is taken. */
const batch = 100;

interface Case {
  readonly name: string;
  readonly content: OpenedContent['content'];
  /** How many of the distributions are asked for, evenly. */
  readonly asked: number;
}

/** @param lookups of each measurement */
export async function comparePublished(lookups: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const cases: Case[] = [];
  for (const distributions of [few, many]) {
    const before = reachable();
    const { content, milliseconds } = await open(distributions, stack);
    const bytes = (reachable() - before) / distributions;
    console.log(
      `${distributions} distributions: opened in ${milliseconds.toFixed(0)} ms, ${bytes.toFixed(0)} bytes reachable for each`,
    );
    for (const asked of new Set([few, distributions])) {
      const name = `${distributions} in the store, ${asked} of them asked for`;
      cases.push({ name, content, asked });
    }
  }
  const measured = await inRounds(cases, (each) => measure(each, lookups));
  const widths = [44, 12, 8];
  printRow(['published distributions', 'CPU µs', 'ratio'], widths);
  const [base] = cases.map(({ name }) => median(measured.get(name) ?? [], (value) => value));
  for (const { name } of cases) {
    const microseconds = median(measured.get(name) ?? [], (value) => value);
    printRow([name, microseconds.toFixed(1), (microseconds / (base ?? 1)).toFixed(2)], widths);
  }
}

/** Bytes, after a collection. */
function reachable(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

async function open(
  distributions: number,
  stack: AsyncDisposableStack,
): Promise<{ readonly content: Case['content']; readonly milliseconds: number }> {
  const directory = stack.use(temporaryDirectory());
  const site = stack.use(await createPublishingSite());
  const configuration = await configurationIn(directory, {
    ...site.settings,
    repositories: { access: 'public' },
  });
  const first = urlOf(0);
  const publication = await site.publish(first, { 'repodata/repomd.xml': 'metadata' });
  const template = await site.store.get(distributionsCollection, `repos:${first}`);
  if (template === undefined) throw new Error('nothing was published');
  const { _version, ...fields } = template;
  const others = Array.from({ length: distributions - 1 }, (_, index) => urlOf(index + 1));
  await site.store.insertMany(
    distributionsCollection,
    others.map((url) => ({ ...fields, _id: `repos:${url}`, relative_url: url, publication })),
  );
  const log = createLogger({ level: 'error', write: (line) => process.stderr.write(line) });
  const controlPlane = stack.use(createControlPlane(configuration, 'read'));
  const parts = { configuration, log, now: () => new Date(), controlPlane, observe: () => {} };
  const begun = performance.now();
  const { content, problems } = await openContent(parts, stack);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  while (!(await isFound(content, distributions - 1))) await sleep(10);
  return { content, milliseconds: performance.now() - begun };
}

/** Twenty distributions lie in one directory, each of three segments. */
function urlOf(number: number): string {
  return `customers/group-${Math.floor(number / 20)}/repository-${number}`;
}

/** @returns microseconds of CPU time of one */
async function measure({ content, asked }: Case, lookups: number): Promise<number> {
  const costs: number[] = [];
  for (let done = 0; done < lookups; done += batch) {
    const begun = process.cpuUsage();
    for (let index = 0; index < batch; index += 1) {
      // A step that shares no factor with the number leads through all of them.
      const isThere = await isFound(content, ((done + index) * 7919) % asked);
      if (!isThere) throw new Error('a file was not found');
    }
    const { user, system } = process.cpuUsage(begun);
    costs.push((user + system) / batch);
    await yieldToOthers();
  }
  return median(costs, (cost) => cost);
}

async function isFound(content: Case['content'], number: number): Promise<boolean> {
  const path = `/pulp/repos/${urlOf(number)}/repodata/repomd.xml`;
  const target = locate(path, content.resolve, true);
  if ('refusal' in target) return false;
  const request = accessRequestFor(target, 'GET', evidence({}));
  const verdict = await decide(target, request, content.ask);
  const place = await findServed(target.distribution, target.pathInDistribution, content.find);
  return verdict.outcome === 'allow' && place !== undefined && 'found' in place;
}
