import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readSnapshot } from '../../src/metrics/snapshot.ts';
import type { Revision } from '../../src/stores/store.ts';
import {
  answerMilliseconds,
  createStorePulse,
  lookMilliseconds,
} from '../../src/work/store-pulse.ts';
import { mongodbHost } from '../stores/mongodb/host.ts';
import { administer, configurationIn, controlPlaneDirectory } from '../support/administered.ts';
import { needsOwnMongodb } from '../support/mongodb.ts';
import { until } from '../support/processes.ts';
import { repositoryRoot } from '../support/source-tree.ts';
import { openTasksStore } from '../tasks/fixture.ts';
import { type RunningWork, runWork, written } from './running-work.ts';

type Answer = () => Promise<Revision>;

const answers: Answer = async () => '1' as Revision;

const fails: Answer = async () => {
  throw new Error('away');
};

/** A store of whose next answer the test decides. */
function pulseOf(first: Answer) {
  const given = { answer: first };
  const pulse = createStorePulse({
    store: async () => ({ revision: () => given.answer() }),
    everyMilliseconds: 1,
    answerMilliseconds: 20,
  });
  return { given, pulse };
}

describe('createStorePulse', () => {
  it('createStorePulse says nothing until it has looked, and once it is stopped', async () => {
    const { pulse } = pulseOf(answers);
    assert.equal(pulse.isUp, undefined);
    pulse.start();
    await until('it has looked', () => pulse.isUp === true);
    await pulse.stop();
    assert.equal(pulse.isUp, undefined);
  });

  it('createStorePulse can be stopped where it never began', async () => {
    const { pulse } = pulseOf(fails);
    await pulse.stop();
    assert.equal(pulse.isUp, undefined);
  });

  it('createStorePulse follows a store that goes away and comes back', async () => {
    const { given, pulse } = pulseOf(fails);
    pulse.start();
    for (const isUp of [false, true, false, true]) {
      given.answer = isUp ? answers : fails;
      await until(`it says ${isUp}`, () => pulse.isUp === isUp);
    }
    await pulse.stop();
  });

  it('createStorePulse takes a store for away that is late, until it answers (T96)', async () => {
    const late = Promise.withResolvers<Revision>();
    const { given, pulse } = pulseOf(answers);
    pulse.start();
    await until('it answers', () => pulse.isUp === true);
    given.answer = () => late.promise;
    await until('it is late', () => pulse.isUp === false);
    given.answer = answers;
    late.resolve('2' as Revision);
    await until('it answers again', () => pulse.isUp === true);
    await pulse.stop();
  });

  it('createStorePulse takes a store that cannot be opened for away', async () => {
    const pulse = createStorePulse({ store: fails as () => Promise<never> });
    pulse.start();
    await until('it has looked', () => pulse.isUp === false);
    await pulse.stop();
  });
});

describe('createStorePulse over MongoDB', { skip: needsOwnMongodb() }, () => {
  it('createStorePulse tells that the server of MongoDB is gone, and that it is back (T96)', async () => {
    await using host = await mongodbHost();
    await using store = await openTasksStore(host.settings());
    const pulse = createStorePulse({ store: async () => store, everyMilliseconds: 50 });
    pulse.start();
    await until('the store is up', () => pulse.isUp === true, 20_000);
    await host.server.kill();
    await until('it is away', () => pulse.isUp === false, 20_000);
    await host.server.start();
    await until('it is back', () => pulse.isUp === true, 20_000);
    await pulse.stop();
  });
});

function isStoreUp({ application }: RunningWork): boolean | undefined {
  return readSnapshot(application.report().metrics).gauges.isStoreUp;
}

describe('the state of the store in the report of a worker', () => {
  for (const roles of [['content'], ['api'], ['tasks']]) {
    it(`the state of the store is told by a worker with the role ${roles} that asks it`, async () => {
      using directory = controlPlaneDirectory();
      const access = { password: { roles: ['staff'] } };
      const distributions = [{ relativeUrl: 'd', root: directory.path, access }];
      const listen = roles.includes('tasks') ? { listen: {} } : {};
      const text = written(directory, { roles, distributions, ...listen });
      await administer(await configurationIn(directory, text));
      {
        await using running = await runWork(directory, text);
        await until('the store is up', () => isStoreUp(running) === true);
      }
      const { file } = directory.settings.store;
      renameSync(file, `${file}.away`);
      await using running = await runWork(directory, text);
      const isMadeAnew = roles[0] !== 'content';
      await until('it has looked', () => isStoreUp(running) === isMadeAnew);
    });
  }

  it('the state of the store is not told, nor the store opened, where nobody asks it', async () => {
    using directory = controlPlaneDirectory();
    await using running = await runWork(directory, written(directory, { roles: ['content'] }));
    assert.equal(isStoreUp(running), undefined);
  });
});

it('docs/monitoring.md says how soon it is told that the store is away', () => {
  const page = readFileSync(`${repositoryRoot}/docs/monitoring.md`, 'utf8').replaceAll('\n', ' ');
  const [every, late] = [lookMilliseconds / 1000, answerMilliseconds / 1000];
  const text = `reads of it every ${every} seconds, and takes one that needs more than ${late} seconds`;
  assert.ok(page.includes(text));
});
