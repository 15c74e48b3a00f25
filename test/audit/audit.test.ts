import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Audit, type KeptBounds } from '../../src/audit/audit.ts';
import { BatchedWork } from '../../src/audit/batched-work.ts';
import { auditCollections } from '../../src/audit/collections.ts';
import { pendingEntriesMax } from '../../src/audit/limits.ts';
import { searchDecisions } from '../../src/audit/search.ts';
import { createLogger } from '../../src/log.ts';
import type { Store } from '../../src/stores/store.ts';
import { open, type StoreHost } from '../contracts/store-fixture.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { until } from '../support/processes.ts';
import { someFields } from './decisions.ts';

const bounds: KeptBounds = { entries: 1000, days: 1, usageDays: 1, certificates: 10 };

describe('Audit', () => {
  let host: StoreHost;
  before(async () => {
    host = await sqliteHost();
  });
  after(() => host[Symbol.asyncDispose]());

  function start(store: () => Promise<Store>) {
    const lines: Readonly<Record<string, unknown>>[] = [];
    const log = createLogger({ level: 'info', write: (line) => lines.push(JSON.parse(line)) });
    const audit = new Audit({ store, bounds, log, now: () => new Date() });
    const decide = (): void => audit.decided(someFields, someFields.path, undefined);
    return { audit, lines, decide };
  }

  it('Audit tells once that the store is away, and once that it is back, and loses nothing', async () => {
    await using store = await open(host.settings(), { collections: auditCollections });
    let isAway = true;
    const { audit, lines, decide } = start(async () => {
      if (isAway) throw new Error('away');
      return store;
    });
    decide();
    await until('it has failed', () => lines.length > 0);
    decide();
    isAway = false;
    await until('it is kept', async () => (await searchDecisions(store, {})).entries.length === 2);
    await audit[Symbol.asyncDispose]();
    assert.deepEqual(
      lines.map(({ level, message }) => [level, message]),
      [
        ['warn', 'Decisions cannot be kept in the store at the moment'],
        ['info', 'Decisions are kept in the store again'],
      ],
    );
    assert.deepEqual([lines[0]?.reason, audit.lost], ['away', 0]);
  });

  it('Audit counts what it could not write, and says so in the log', async () => {
    const { audit, lines, decide } = start(async () => {
      throw new Error('away');
    });
    for (let index = 0; index < pendingEntriesMax + 2; index += 1) decide();
    assert.equal(audit.lost, 2);
    await audit[Symbol.asyncDispose]();
    assert.equal(audit.lost, pendingEntriesMax + 2);
    const told = lines.filter(
      ({ message }) => message === 'The decision log of the store lost entries',
    );
    assert.equal(told.at(-1)?.losses, pendingEntriesMax + 2);
  });
});

describe('BatchedWork', () => {
  it('BatchedWork does what came while it ran, and tries again what failed', async () => {
    const runs: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const work = new BatchedWork({
      milliseconds: 1,
      work: async () => {
        runs.push('run');
        const count = runs.filter((run) => run === 'run').length;
        if (count === 1) await promise;
        if (count === 2) throw new Error('once');
      },
      onEnd: (error) => runs.push(error === undefined ? 'well' : 'failed'),
    });
    work.poke();
    await until('it runs', () => runs.length === 1);
    work.poke();
    resolve();
    const expected = ['run', 'well', 'run', 'failed', 'run', 'well'];
    await until('it has run again', () => runs.length === expected.length);
    assert.deepEqual(runs, expected);
    await work.stop();
    work.poke();
    assert.equal(runs.length, expected.length + 2);
  });
});
