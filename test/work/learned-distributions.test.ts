/** What the store is asked for paths at which nothing is known to be. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createLogger } from '../../src/log.ts';
import type { CanonicalPath } from '../../src/model.ts';
import { distributionOrder } from '../../src/repositories/documents.ts';
import type { Store } from '../../src/stores/store.ts';
import { LiveDistributions, learnEveryMs } from '../../src/work/live-distributions.ts';
import { createPublishingSite, type PublishingSite } from '../support/published.ts';

const log = createLogger({ level: 'error', write: () => {} });

/** Counts how often distributions are read: each reading begins with their order. */
function countReadings(store: Store): { readonly store: Store; count(): number } {
  let readings = 0;
  const counting: Pick<Store, 'get'> = {
    get: (collection, id) => {
      if (collection === distributionOrder) readings += 1;
      return store.get(collection, id);
    },
  };
  const get = counting.get.bind(counting);
  return {
    count: () => readings,
    store: new Proxy(store, {
      get: (target, name) => {
        if (name === 'get') return get;
        const value = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
  };
}

describe('distributions that were not heard of', () => {
  const stack = new AsyncDisposableStack();
  let site: PublishingSite;
  before(async () => {
    site = stack.use(await createPublishingSite());
  });
  after(() => stack.disposeAsync());

  function open(store: Store): LiveDistributions {
    return new LiveDistributions({
      ...{ store, log, storeLog: log, outageSeconds: 60, now: () => new Date() },
      prefixes: { repos: '/pulp/repos/', isos: '/pulp/isos/' },
      publicationsDirectory: `${site.directory}/storage/publications`,
      directoryRoots: [],
      treeParts: () => assert.fail('nothing says who may read it'),
      accessOf: (_, otherwise) => otherwise,
      usualPolicy: undefined,
    });
  }

  test('T39a are learned of by whoever asks after they were published', async () => {
    await using live = open(site.store);
    await live.ready(60);
    for (const url of ['one', 'two', 'three']) {
      const path = `/pulp/repos/${url}/file` as CanonicalPath;
      await site.publish(url, { file: url }, { repository: url });
      await live.learn(path);
      assert.equal(live.resolve(path)?.distribution.relativeUrl, url);
    }
  });

  test('cost one reading for all who ask at once, and each time a pause', async () => {
    const counted = countReadings(site.store);
    await using live = open(counted.store);
    await live.ready(60);
    const before = counted.count();
    await Promise.all(Array.from({ length: 1000 }, () => live.learn('/pulp/isos/none/file')));
    // The one that was begun by the first, and the one for those who came after it had begun.
    assert.equal(counted.count() - before, 2);
    const begun = performance.now();
    for (let asked = 0; asked < 4; asked += 1) await live.learn('/pulp/repos/none/file');
    assert.ok(performance.now() - begun >= 3 * learnEveryMs);
    assert.equal(counted.count() - before, 6);
    for (const path of ['/pulp/gpg/none', '/pulp/repo', '/', '/other/pulp/repos/x']) {
      await live.learn(path);
    }
    assert.equal(counted.count() - before, 6);
  });
});
