import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { createLogger } from '../../src/log.ts';
import { publicAddresses } from '../../src/outbound/addresses.ts';
import { repositoryCollections } from '../../src/repositories/documents.ts';
import { EventListeners } from '../../src/repositories/events.ts';
import {
  deliveriesCollection,
  deliveriesMax,
  deliveryCollections,
  eventBytesMax,
  retrySeconds,
} from '../../src/repository-tasks/events/documents.ts';
import { emitEvent } from '../../src/repository-tasks/events/emit.ts';
import { EventSender } from '../../src/repository-tasks/events/sender.ts';
import { telling } from '../../src/repository-tasks/events/telling.ts';
import { everything } from '../../src/stores/filter.ts';
import { openStore } from '../../src/stores/open.ts';
import type { Store } from '../../src/stores/store.ts';
import { type RunningTask, TaskFailure } from '../../src/tasks/kind.ts';
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts';
import { until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const everyMilliseconds = 20;

describe('events of repositories', () => {
  const directory = temporaryDirectory();
  const lines: string[] = [];
  const log = createLogger({ level: 'debug', write: (line) => lines.push(line) });
  let store: Store;
  let server: AnsweringServer;
  let listeners: EventListeners;
  let seconds = 0;
  const now = () => new Date(Date.now() + 1000 * seconds);
  const parts = () => ({ store, log, now });

  before(async () => {
    const settings = { type: 'sqlite', file: directory.file('store.db') } as const;
    const collections = [...repositoryCollections, ...deliveryCollections];
    store = await openStore({ settings, access: 'write', collections });
    listeners = new EventListeners(store);
    server = await startAnsweringServer();
  });
  afterEach(async () => {
    for (const { _id } of await listeners.all()) await listeners.remove(_id);
    const left = await store.find(deliveriesCollection, { filter: everything, fields: [] });
    for (const { _id } of left) await store.remove(deliveriesCollection, _id);
  });
  after(async () => {
    await store.close();
    await server[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  const waiting = (): Promise<number> => store.count(deliveriesCollection, everything);
  const listen = async (config: object = {}, types: readonly string[] = ['*']) => {
    const notifier_config = { url: `${server.url}/told?x=1`, ...config };
    const listener = { notifier_type_id: 'http', notifier_config, event_types: types } as const;
    const added = await listeners.add(listener);
    assert.ok(added !== undefined);
    return added;
  };
  const event = (payload = {}) => ({
    type: 'repo.publish.finish' as const,
    payload: { repo_id: 'acme', ...payload },
    callReport: { task_id: 't' },
  });
  /** Runs a sender until `isDone`. */
  const sending = async (isDone: () => Promise<boolean>, ranges = ['127.0.0.0/8']) => {
    const isAddressAllowed = publicAddresses(ranges);
    const sender = new EventSender({ ...parts(), isAddressAllowed, everyMilliseconds });
    sender.start();
    try {
      await until('the events are sent', isDone, 60_000);
    } finally {
      await sender.stop();
    }
  };

  it('are sent as Pulp sends them, with the password of the listener', async () => {
    const listener = await listen({ username: 'ann', password: 's3cret' });
    await emitEvent(event(), parts());
    server.answer((_, response) => response.end());
    await sending(async () => (await waiting()) === 0);
    const [request] = server.requests;
    assert.deepEqual(JSON.parse(String(await request?.body)), {
      event_type: 'repo.publish.finish',
      payload: { repo_id: 'acme' },
      call_report: { task_id: 't' },
    });
    assert.equal(request?.request.headers['content-type'], 'application/json');
    const expected = `Basic ${Buffer.from('ann:s3cret').toString('base64')}`;
    assert.equal(request?.request.headers.authorization, expected);
    assert.doesNotMatch(lines.join(''), /s3cret/);
    await listeners.remove(listener._id);
  });

  it('go to the listeners that want them, and into the log', async () => {
    await listen({}, ['repo.sync.start']);
    await listeners.add({
      ...{ notifier_type_id: 'log', notifier_config: {} },
      event_types: ['repo.publish.finish'],
    });
    lines.length = 0;
    await emitEvent(event({ result: 'success' }), parts());
    assert.equal(await waiting(), 0);
    assert.match(lines.join(''), /An event of a repository.*"result":"success"/);
  });

  it('are tried again later and later, and given up in the end', async () => {
    const listener = await listen();
    server.answer((_, response) => response.writeHead(500).end());
    await emitEvent(event(), parts());
    await emitEvent(event(), parts());
    const asked = server.requests.length;
    lines.length = 0;
    for (const [index, wait] of retrySeconds.entries()) {
      const isPutOff = async (): Promise<boolean> =>
        lines.filter((line) => line.includes('told of an event later')).length > index;
      await sending(isPutOff);
      // One of the two: whoever is away is asked once.
      assert.equal(server.requests.length, asked + index + 1);
      seconds += wait + 1;
    }
    server.answer((_, response) => response.end());
    await sending(async () => (await waiting()) === 0);
    await listeners.remove(listener._id);
    lines.length = 0;
    const last = await listen();
    await emitEvent(event(), parts());
    const [delivery] = await store.find(deliveriesCollection, { filter: everything });
    const tried = { $set: { tries: retrySeconds.length } };
    await store.update(deliveriesCollection, delivery?._id ?? '', tried);
    server.answer((_, response) => response.writeHead(500).end());
    await sending(async () => (await waiting()) === 0);
    assert.match(lines.join(''), /A listener did not get an event/);
    await listeners.remove(last._id);
  });

  it('T88 go to no address that is not public, unless it is listed, and follow no redirect', async () => {
    const listener = await listen();
    await emitEvent(event(), parts());
    const asked = server.requests.length;
    lines.length = 0;
    const isToldOf = (pattern: RegExp) => async () => pattern.test(lines.join(''));
    await sending(isToldOf(/127\.0\.0\.1, which is no public address/), []);
    assert.equal(server.requests.length, asked);
    seconds += 11;
    server.answer((_, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    await sending(isToldOf(/status 302|redirect/));
    assert.equal(server.requests.length, asked + 1);
    // One that is gone is told nothing.
    await listeners.remove(listener._id);
    seconds += 100;
    await sending(async () => (await waiting()) === 0);
    assert.equal(server.requests.length, asked + 1);
  });

  it('of one listener that hangs keep those of others waiting for nothing', async () => {
    await listen({ url: `${server.url}/hang` });
    await listen({ url: `${server.url}/well` });
    const wells = (): number =>
      server.requests.filter(({ request }) => request.url === '/well').length;
    server.answer((request, response) => {
      if (request.url !== '/hang') response.end();
    });
    for (let index = 0; index < 10; index += 1) await emitEvent(event(), parts());
    await sending(async () => wells() === 10);
  });

  it(`wait by ${deliveriesMax} for a listener, and are left out beyond, which the log tells`, async () => {
    const { _id: listener } = await listen();
    const some = { listener, event_type: 'repo.sync.start', body: '{}', due: new Date(8e15) };
    const one = { ...some, created: now(), tries: 0 };
    await store.insertMany(deliveriesCollection, Array(deliveriesMax - 1).fill(one));
    lines.length = 0;
    await emitEvent(event(), parts());
    assert.equal(await waiting(), deliveriesMax);
    await emitEvent(event(), parts());
    assert.equal(await waiting(), deliveriesMax);
    assert.match(lines.join(''), /too many wait for it/);
  });

  it(`of more than ${eventBytesMax} bytes go without the details of their report`, async () => {
    await listen();
    const bodies = async () =>
      (await store.find(deliveriesCollection, { filter: everything })).map(({ body }) =>
        String(body),
      );
    await emitEvent(event({ details: '' }), parts());
    const [empty = ''] = await bodies();
    const room = eventBytesMax - empty.length;
    await emitEvent(event({ details: 'x'.repeat(room) }), parts());
    await emitEvent(event({ details: 'x'.repeat(room + 1) }), parts());
    const sizes = (await bodies()).map(({ length }) => length).sort((a, b) => a - b);
    assert.deepEqual(sizes, [empty.length - '"details":"",'.length, empty.length, eventBytesMax]);
  });

  it('delay and fail no task, also where the store is away', async () => {
    lines.length = 0;
    const away = { ...parts(), store: new Proxy(store, { get: () => () => Promise.reject(gone) }) };
    await emitEvent(event(), away);
    assert.match(lines.join(''), /Listeners are not told of an event.*it is gone/);
  });

  it('tell of the beginning and the end of a task, and how it ended', async () => {
    await listen();
    const told = async () => {
      const all = await store.find(deliveriesCollection, {
        ...{ filter: everything, sort: [['created', 1]] },
      } as const);
      for (const { _id } of all) await store.remove(deliveriesCollection, _id);
      return all.map(({ body }) => JSON.parse(String(body)));
    };
    const task = { arguments: { repository: 'acme', distributor: 'd' }, taskId: 't', tags: ['a'] };
    const running = { ...task, signal: new AbortController().signal } as unknown as RunningTask;
    const run = (act: () => Promise<{ summary: string }>) =>
      telling('repo.publish', () => ({ whenLost: 'retry', run: act }))(parts()).run(running);
    await run(async () => ({ summary: 'well' }));
    const subject = { repo_id: 'acme', distributor_id: 'd' };
    const report = { task_id: 't', _href: '/pulp/api/v2/tasks/t/', tags: ['a'] };
    const ended = (payload: object, state: string) => ({
      ...{ event_type: 'repo.publish.finish', payload: { ...subject, ...payload } },
      call_report: { ...report, state },
    });
    const begun = {
      ...{ event_type: 'repo.publish.start', payload: subject },
      call_report: { ...report, state: 'running' },
    };
    const byType = (one: { event_type: string }, other: { event_type: string }) =>
      other.event_type.localeCompare(one.event_type);
    assert.deepEqual((await told()).sort(byType), [begun, ended({ summary: 'well' }, 'finished')]);
    const failures = [
      [new TaskFailure('PLP0034', 'It is full.'), 'It is full.'],
      [new Error('secret'), 'The log says why.'],
    ] as const;
    for (const [error, error_message] of failures) {
      await assert.rejects(
        run(() => Promise.reject(error)),
        error,
      );
      const failed = ended({ result: 'failed', error_message }, 'error');
      assert.deepEqual((await told()).sort(byType), [begun, failed]);
    }
  });
});

const gone = new Error('it is gone');
