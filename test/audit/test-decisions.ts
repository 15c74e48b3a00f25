/** The decision log in the store, on any store. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { DecisionEntry } from '../../src/audit/entry.ts';
import { EntryWriter } from '../../src/audit/entry-writer.ts';
import {
  pendingEntriesMax,
  segmentEntriesMax,
  segmentSpanMilliseconds,
  tidyDocumentsMax,
} from '../../src/audit/limits.ts';
import { type DecisionQuery, findDecision, searchDecisions } from '../../src/audit/search.ts';
import { segments } from '../../src/audit/segment.ts';
import { tidyDecisions } from '../../src/audit/tidy.ts';
import { everything } from '../../src/stores/filter.ts';
import type { Store } from '../../src/stores/store.ts';
import { decision, epoch } from './decisions.ts';

const idsOf = (entries: readonly DecisionEntry[]) => entries.map(({ requestId }) => requestId);

async function keep(store: Store, entries: readonly DecisionEntry[]): Promise<EntryWriter> {
  const writer = new EntryWriter(async () => store);
  for (const entry of entries) writer.add(entry);
  await writer.flush();
  return writer;
}

const documents = (store: Store): Promise<number> => store.count(segments, everything);

export function testDecisions(open: () => Promise<Store>): void {
  testWriting(open);
  testSearching(open);
  testPages(open);
  testTidying(open);
}

function testWriting(open: () => Promise<Store>): void {
  it('EntryWriter adds to one document until it is full, and then begins another', async () => {
    await using store = await open();
    const writer = await keep(store, [decision(0)]);
    for (let at = 1; at < segmentEntriesMax; at += 1) writer.add(decision(at));
    await writer.flush();
    assert.equal(await documents(store), 1);
    writer.add(decision(segmentEntriesMax));
    await writer.flush();
    assert.equal(await documents(store), 2);
    const { entries, next } = await searchDecisions(store, {});
    assert.deepEqual([entries.length, next], [segmentEntriesMax + 1, undefined]);
    const last = JSON.stringify(decision(segmentEntriesMax));
    assert.deepEqual(JSON.parse(JSON.stringify(entries[0])), JSON.parse(last));
  });

  it('EntryWriter adds to no document for longer than a search looks for it', async () => {
    await using store = await open();
    const writer = await keep(store, [decision(0)]);
    writer.add(decision(segmentSpanMilliseconds - 1));
    await writer.flush();
    assert.equal(await documents(store), 1);
    writer.add(decision(segmentSpanMilliseconds));
    await writer.flush();
    assert.equal(await documents(store), 2);
  });

  it('EntryWriter keeps what waits while the store is away, up to its bound, and tells what was lost', async () => {
    await using store = await open();
    let isAway = true;
    const writer = new EntryWriter(async () => {
      if (isAway) throw new Error('away');
      return store;
    });
    for (let at = 0; at < pendingEntriesMax; at += 1) writer.add(decision(at));
    assert.equal(writer.lost, 0);
    writer.add(decision(pendingEntriesMax));
    assert.equal(writer.lost, 1);
    await assert.rejects(writer.flush(), /away/);
    assert.equal(writer.pending, pendingEntriesMax);
    isAway = false;
    await writer.flush();
    assert.equal(writer.pending, 0);
    const found = await searchDecisions(store, { requestId: 'r-0' });
    assert.deepEqual([idsOf(found.entries), found.lost], [['r-0'], 1]);
    assert.equal(await documents(store), pendingEntriesMax / segmentEntriesMax);
  });

  it('EntryWriter writes nothing twice when it cannot know whether a writing was made', async () => {
    await using store = await open();
    let failures = 2;
    const failing: Pick<Store, 'insert' | 'update'> = {
      insert: async (...args) => {
        const result = await store.insert(...args);
        failures -= 1;
        if (failures >= 0) throw new Error('lost the answer');
        return result;
      },
      update: async (...args) => {
        const result = await store.update(...args);
        failures -= 1;
        if (failures >= 0) throw new Error('lost the answer');
        return result;
      },
    };
    const writer = new EntryWriter(async () => failing);
    writer.add(decision(1));
    await assert.rejects(writer.flush());
    writer.add(decision(2));
    await assert.rejects(writer.flush());
    await writer.flush();
    assert.deepEqual(idsOf((await searchDecisions(store, {})).entries), ['r-2', 'r-1']);
  });
}

function testSearching(open: () => Promise<Store>): void {
  it('searchDecisions finds by client, path, distribution, outcome, status, time and request', async () => {
    await using store = await open();
    const fingerprint = 'ab'.repeat(32);
    await keep(store, [
      decision(1, {
        certificate: `sha256:${fingerprint}`,
        principal: `certificate:${fingerprint}`,
      }),
      decision(2, { address: '2001:db8::1', user: 'bob "the\\user"', principal: undefined }),
      decision(3, { distribution: 'acme/el90', path: '/pulp/repos/acme/el90/x%20y' }),
      decision(4, { outcome: 'deny', status: 403, reason: 'no', principal: undefined }),
    ]);
    const search = async (query: DecisionQuery) =>
      idsOf((await searchDecisions(store, query)).entries);
    assert.deepEqual(await search({}), ['r-4', 'r-3', 'r-2', 'r-1']);
    assert.deepEqual(await search({ fingerprint }), ['r-1']);
    assert.deepEqual(await search({ principal: 'user:ann' }), ['r-3']);
    assert.deepEqual(await search({ address: '2001:db8::1' }), ['r-2']);
    assert.deepEqual(await search({ user: 'bob "the\\user"' }), ['r-2']);
    assert.deepEqual(await search({ distribution: 'acme/el90' }), ['r-3']);
    assert.deepEqual(await search({ pathPrefix: '/pulp/repos/acme/el9' }), ['r-4', 'r-2', 'r-1']);
    assert.deepEqual(await search({ pathPrefix: '/pulp/repos/acme/el90/' }), ['r-3']);
    assert.deepEqual(await search({ outcome: 'deny' }), ['r-4']);
    assert.deepEqual(await search({ status: 403, outcome: 'allow' }), []);
    assert.deepEqual(await search({ requestId: 'r-2' }), ['r-2']);
    const [from, until] = [new Date(epoch + 2), new Date(epoch + 4)];
    assert.deepEqual(await search({ from, until }), ['r-3', 'r-2']);
    assert.equal((await findDecision(store, 'r-4'))?.reason, 'no');
    assert.equal(await findDecision(store, 'r-5'), undefined);
  });

  it('searchDecisions puts what several processes wrote at the same time in one order', async () => {
    await using store = await open();
    const one = await keep(store, [decision(1), decision(4)]);
    await keep(store, [decision(2), decision(3)]);
    one.add(decision(5));
    await one.flush();
    assert.deepEqual(idsOf((await searchDecisions(store, {})).entries), [
      ...['r-5', 'r-4', 'r-3', 'r-2', 'r-1'],
    ]);
  });
}

function testPages(open: () => Promise<Store>): void {
  it('searchDecisions gives each entry on one page, also those of one millisecond', async () => {
    await using store = await open();
    const times = Array.from({ length: 30 }, (_, index) => Math.floor(index / 4));
    for (const half of [0, 1]) {
      await keep(
        store,
        times.flatMap((at, index) =>
          index % 2 === half ? decision(at, { requestId: `r-${index}` }) : [],
        ),
      );
    }
    const seen: string[] = [];
    let after: DecisionQuery['after'];
    do {
      const page = await searchDecisions(store, { limit: 7, ...(after && { after }) });
      seen.push(...idsOf(page.entries));
      after = page.next;
    } while (after !== undefined);
    assert.equal(seen.length, times.length);
    assert.deepEqual(new Set(seen).size, times.length);
  });
}

function testTidying(open: () => Promise<Store>): void {
  it('tidyDecisions keeps as many entries as it may, and no document more', async () => {
    await using store = await open();
    const all = Array.from({ length: 3 * segmentEntriesMax }, (_, at) => decision(at));
    await keep(store, all);
    const now = new Date(epoch);
    const bounds = { entries: 3 * segmentEntriesMax, days: 1 };
    assert.equal(await tidyDecisions(store, bounds, now), 0);
    assert.equal(await tidyDecisions(store, { ...bounds, entries: bounds.entries - 1 }, now), 1);
    const { entries } = await searchDecisions(store, {});
    assert.equal(entries.length, 2 * segmentEntriesMax);
    assert.equal(entries.at(-1)?.requestId, `r-${segmentEntriesMax}`);
  });

  it('T86 tidyDecisions keeps to its bound however much was written since', async () => {
    await using store = await open();
    for (let at = 0; at <= tidyDocumentsMax + 1; at += 1) await keep(store, [decision(at)]);
    const bounds = { entries: segmentEntriesMax, days: 1 };
    assert.equal(await tidyDecisions(store, bounds, new Date(epoch)), tidyDocumentsMax + 1);
  });

  it('tidyDecisions keeps entries for the days that they may be kept, and no longer', async () => {
    await using store = await open();
    await keep(store, [decision(0)]);
    await keep(store, [decision(1)]);
    const bounds = { entries: 1000, days: 2 };
    const end = epoch + 2 * 86_400_000;
    assert.equal(await tidyDecisions(store, bounds, new Date(end)), 0);
    assert.equal(await tidyDecisions(store, bounds, new Date(end + 1)), 1);
    assert.deepEqual(idsOf((await searchDecisions(store, {})).entries), ['r-1']);
  });
}
