import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { repositoryCollections } from '../../src/repositories/documents.ts';
import {
  EventListeners,
  eventListenersMax,
  type NewEventListener,
} from '../../src/repositories/events.ts';
import { openStore } from '../../src/stores/open.ts';
import { storeContracts } from '../tasks/fixture.ts';

const listener = (...types: string[]): NewEventListener => ({
  notifier_type_id: 'http',
  notifier_config: { url: 'https://hooks.example/' },
  event_types: types,
});

for (const contract of storeContracts) {
  describe(`listeners on ${contract.name}`, { skip: contract.skip }, () => {
    it('are told of the events that they listen to, until they are gone', async () => {
      await using host = await contract.host();
      const settings = host.settings();
      await using store = await openStore({
        ...{ settings, access: 'write', collections: repositoryCollections },
      });
      const listeners = new EventListeners(store);
      const all = await listeners.add(listener('*'));
      const syncs = await listeners.add(listener('repo.sync.start', 'repo.sync.finish'));
      assert.ok(all && syncs);
      const ids = async (event: 'repo.sync.start' | 'repo.publish.start') =>
        (await listeners.of(event)).map(({ _id }) => _id).sort();
      assert.deepEqual(await ids('repo.sync.start'), [all._id, syncs._id].sort());
      assert.deepEqual(await ids('repo.publish.start'), [all._id]);

      const changed = await listeners.change(syncs, { event_types: ['repo.publish.start'] });
      assert.deepEqual(changed?.notifier_config, syncs.notifier_config);
      assert.equal(await listeners.change(syncs, { event_types: ['*'] }), undefined);
      assert.deepEqual(await ids('repo.sync.start'), [all._id]);
      assert.deepEqual(await listeners.byId(syncs._id), changed);

      assert.deepEqual(
        [await listeners.remove(all._id), await listeners.remove(all._id)],
        [true, false],
      );
      assert.equal(await listeners.byId(all._id), undefined);
      assert.deepEqual(await ids('repo.sync.start'), []);
    });

    it(`are ${eventListenersMax} at most`, async () => {
      await using host = await contract.host();
      const settings = host.settings();
      await using store = await openStore({
        ...{ settings, access: 'write', collections: repositoryCollections },
      });
      const listeners = new EventListeners(store);
      const rows = Array.from({ length: eventListenersMax - 1 }, () => ({ ...listener('*') }));
      await store.insertMany('event_listeners', rows);
      assert.ok(await listeners.add(listener('*')));
      assert.equal(await listeners.add(listener('*')), undefined);
      assert.equal((await listeners.all()).length, eventListenersMax);
    });
  });
}
