import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { DistributionClaim } from '../../src/repositories/distribution-claim.ts';
import { Distributions } from '../../src/repositories/distributions.ts';
import { repositoryLimits } from '../../src/repositories/limits.ts';
import { Clock, describeOnStores, type GivenStores } from './fixture.ts';

const claimOf = (
  relative_url: string,
  repository = relative_url,
  more: Partial<DistributionClaim> = {},
): DistributionClaim => ({
  ...{ area: 'repos', relative_url, repository, distributor: 'd', http: false, https: true },
  ...{ access: null, gpg_key: null },
  ...more,
});

describeOnStores('distributions', (stores) => {
  testPlaces(stores);
  testRaces(stores);
  testMoves(stores);
  testPointers(stores);
});

function distributionsOf({ store }: GivenStores, clock = new Clock()): Distributions {
  return new Distributions(store, clock.now);
}

function testPlaces(stores: () => GivenStores): void {
  for (const [taken, wanted, isFree] of [
    ['a/b', 'a/b', false],
    ['a/b', 'a', false],
    ['a/b', 'a/b/c', false],
    ['a/b', 'a/bc', true],
    ['a/b', 'a/c', true],
    ['a/b', 'ab', true],
    ['é/x', 'é', false],
  ] as const) {
    it(`${wanted} is ${isFree ? '' : 'not '}free where ${taken} is served`, async () => {
      const distributions = distributionsOf(stores());
      await distributions.claim(claimOf(taken, 'first'));
      const result = await distributions.claim(claimOf(wanted, 'second'));
      assert.equal(result.outcome, isFree ? 'claimed' : 'taken');
      assert.equal(result.outcome === 'taken' && result.by.repository, isFree ? false : 'first');
      assert.equal((await distributions.all()).length, isFree ? 2 : 1);
    });
  }

  it('places of different areas are different places', async () => {
    const distributions = distributionsOf(stores());
    await distributions.claim(claimOf('a'));
    const other = await distributions.claim(claimOf('a', 'other', { area: 'isos' }));
    assert.equal(other.outcome, 'claimed');
  });

  it('a place that one has is claimed again, with what is served there changed', async () => {
    const distributions = distributionsOf(stores());
    const first = await distributions.claim(claimOf('a'));
    await distributions.pointTo('repos:a', 'p1', 60);
    const again = await distributions.claim(claimOf('a', 'a', { http: true, access: '{}' }));
    assert.ok(first.outcome === 'claimed' && again.outcome === 'claimed');
    assert.deepEqual([first.isNew, again.isNew], [true, false]);
    const { http, access, publication } = again.distribution;
    assert.deepEqual([http, access, publication], [true, '{}', 'p1']);
    // Who gave the place back would take it from the other.
    await distributions.release(first.distribution);
    assert.equal((await distributions.all()).length, 1);
    await distributions.release(again.distribution);
    assert.deepEqual(await distributions.all(), []);
  });

  const { relativeUrlBytesMax } = repositoryLimits;
  for (const url of [
    '',
    '/',
    'a//b',
    '/a',
    'a/',
    '..',
    'a/../b',
    './a',
    'x'.repeat(relativeUrlBytesMax + 1),
  ]) {
    it(`T28 refuses ${JSON.stringify(url.slice(0, 20))} as a place`, async () => {
      const distributions = distributionsOf(stores());
      await assert.rejects(distributions.claim(claimOf(url, 'r')), { code: 'DOCUMENT_INVALID' });
      assert.deepEqual(await distributions.all(), []);
    });
  }

  it('takes a relative URL that is as long as it may be', async () => {
    const url = 'é'.repeat(relativeUrlBytesMax / 2);
    const result = await distributionsOf(stores()).claim(claimOf(url, 'r'));
    assert.equal(result.outcome, 'claimed');
  });
}

function testRaces(stores: () => GivenStores): void {
  it('of claims at once that overlap, never two have their place', async () => {
    const { store, open } = stores();
    await using other = await open();
    const clock = new Clock();
    const processes = [store, other, store].map((one) => new Distributions(one, clock.now));
    for (let round = 0; round < 10; round += 1) {
      const urls = [`${round}/a`, `${round}/a/b`, `${round}`];
      const results = await Promise.all(
        processes.map((process, index) =>
          process.claim(claimOf(urls[index] ?? '', `r${round}-${index}`)),
        ),
      );
      const claimed = results.filter(({ outcome }) => outcome === 'claimed');
      assert.ok(claimed.length <= 1);
      const left = (await processes[0]?.all()) ?? [];
      const ofRound = left.filter(({ repository }) => repository.startsWith(`r${round}-`));
      assert.equal(ofRound.length, claimed.length);
      assert.ok(ofRound.every((distribution) => distribution.is_established));
    }
  });

  it('a claim whose process died before it looked for others keeps nobody out for good', async () => {
    const clock = new Clock();
    const { store } = stores();
    const distributions = new Distributions(store, clock.now);
    await distributions.claim(claimOf('a/b', 'old'));
    const died = { ...claimOf('a', 'died'), _id: 'repos:a', claimed: clock.now() };
    const empty = { is_established: false, publication: null, directory: null, earlier: [] };
    await store.insert('distributions', { ...died, ...empty });
    // Whoever has the place may still change what is served there.
    assert.equal((await distributions.claim(claimOf('a/b', 'old'))).outcome, 'claimed');
    // Nobody has it by trying once more.
    assert.equal((await distributions.claim(claimOf('a', 'died'))).outcome, 'taken');
    const since = clock.now();
    const isDistributor = async (repository: string): Promise<boolean> => repository === 'old';
    await distributions.releaseAbandoned(isDistributor, since);
    assert.equal((await distributions.all()).length, 2);
    clock.advance(1);
    await distributions.releaseAbandoned(isDistributor, clock.now());
    const left = await distributions.all();
    assert.deepEqual(
      left.map(({ repository }) => repository),
      ['old'],
    );
  });
}

function testMoves(stores: () => GivenStores): void {
  it('takes what it serves to another place, also above or below its own', async () => {
    const distributions = distributionsOf(stores());
    await distributions.claim(claimOf('a', 'r'));
    await distributions.pointTo('repos:a', 'p1', 60);
    await distributions.pointTo('repos:a', 'p2', 60);
    for (const url of ['b', 'b/c', 'b']) {
      const moved = await distributions.move(claimOf(url, 'r', { http: true }));
      assert.ok(moved.outcome === 'claimed');
      const { publication, earlier, http } = moved.distribution;
      assert.deepEqual([publication, earlier[0]?.publication, http], ['p2', 'p1', true]);
      const all = await distributions.ofRepository('r', 'd');
      assert.deepEqual(
        all.map(({ relative_url }) => relative_url),
        [url],
      );
    }
  });

  it('stays where it is when the other place is not free', async () => {
    const distributions = distributionsOf(stores());
    await distributions.claim(claimOf('a', 'r'));
    await distributions.claim(claimOf('b/c', 'other'));
    assert.equal((await distributions.move(claimOf('b', 'r'))).outcome, 'taken');
    const all = await distributions.ofRepository('r');
    assert.deepEqual(
      all.map(({ relative_url }) => relative_url),
      ['a'],
    );
  });

  it('goes on after a stop in the middle', async () => {
    const distributions = distributionsOf(stores());
    await distributions.claim(claimOf('a', 'r'));
    await distributions.pointTo('repos:a', 'p1', 60);
    // Stopped after the claim of the new place.
    await distributions.claim(claimOf('b', 'r'));
    const moved = await distributions.move(claimOf('b', 'r'));
    assert.equal(moved.outcome === 'claimed' && moved.distribution.publication, 'p1');
    assert.equal((await distributions.all()).length, 1);
  });

  it('gives up all places of a distributor, or of a repository', async () => {
    const distributions = distributionsOf(stores());
    await distributions.claim(claimOf('a', 'r'));
    await distributions.claim(claimOf('b', 'r', { distributor: 'e' }));
    await distributions.claim(claimOf('c', 'other'));
    await distributions.releaseAll('r', 'e');
    assert.equal((await distributions.ofRepository('r')).length, 1);
    await distributions.releaseAll('r');
    assert.equal((await distributions.all()).length, 1);
  });
}

function testPointers(stores: () => GivenStores): void {
  it('points to another publication in one change, and the one before is read for the grace', async () => {
    const clock = new Clock();
    const distributions = distributionsOf(stores(), clock);
    await distributions.claim(claimOf('a'));
    const pointer = async (publication: string, graceSeconds = 60) => {
      const result = await distributions.pointTo('repos:a', publication, graceSeconds);
      assert.ok(result.outcome === 'pointed');
      const { publication: present, earlier, _version } = result.distribution;
      return [present, earlier.map((one) => one.publication).join(), _version];
    };
    const [, , version] = await pointer('p1');
    assert.deepEqual(await pointer('p2'), ['p2', 'p1', Number(version) + 1]);
    clock.advance(59);
    assert.deepEqual((await pointer('p3')).slice(0, 2), ['p3', 'p2,p1']);
    clock.advance(1);
    // What has no grace left is forgotten, and what is pointed to again is not among the earlier.
    assert.deepEqual((await pointer('p2')).slice(0, 2), ['p2', 'p3']);
    // Said again it changes nothing.
    assert.deepEqual((await pointer('p2')).slice(0, 2), ['p2', 'p3']);
    assert.deepEqual((await pointer('p4', 0)).slice(0, 2), ['p4', 'p3']);
    const { earlier } = (await distributions.byId('repos:a')) ?? {};
    assert.deepEqual(earlier?.[0]?.until, new Date(clock.now().getTime() + 60_000));
  });

  it('points to a directory that is served as it lies, until it is told another thing', async () => {
    const distributions = distributionsOf(stores());
    await distributions.claim(claimOf('a', 'r'));
    const directory = async (): Promise<unknown> =>
      (await distributions.ofRepository('r'))[0]?.directory;
    assert.equal(await directory(), null);
    await distributions.pointTo('repos:a', 'p1', 60, '/srv/trees/one');
    assert.equal(await directory(), '/srv/trees/one');
    await distributions.claim(claimOf('a', 'r', { http: true }));
    await distributions.move(claimOf('b', 'r'));
    assert.equal(await directory(), '/srv/trees/one');
    await distributions.pointTo('repos:b', 'p2', 60);
    assert.equal(await directory(), null);
    assert.equal((await distributions.pointTo('repos:none', 'p', 60)).outcome, 'missing');
  });
}
