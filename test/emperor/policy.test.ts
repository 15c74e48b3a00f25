import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide, type Realm } from '../../src/emperor/policy.ts';
import { see } from '../../src/emperor/seen-files.ts';
import type { Vassal } from '../../src/emperor/vassal.ts';
import {
  asked,
  askedToReload,
  ended,
  failed,
  recalled,
  served,
  started,
} from '../../src/emperor/vassal-events.ts';
import { at, facts, realm, settings, settled, waiting } from './realm.ts';

const file = facts('1');

function starting(ms = 0, name = 'a.yaml'): Vassal {
  return started(waiting(name), at(ms), file, 7, settings);
}

function serving(ms = 0, name = 'a.yaml'): Vassal {
  return served(starting(ms, name), at(ms), [], 20);
}

/** What is to be done, as `start a.yaml`; an end with how. */
function acts(each: Realm, ms: number): readonly string[] {
  return decide(each, at(ms).ms).actions.map((action) => {
    const how = action.act === 'end' ? ` ${action.asked.urgency}` : '';
    return `${action.act} ${action.name}${how}`;
  });
}

function reasons(each: Realm, ms: number): readonly string[] {
  return decide(each, at(ms).ms).actions.flatMap((action) =>
    action.act === 'refuse' ? [action.reason] : action.act === 'end' ? [action.asked.why] : [],
  );
}

describe('emperor policy: a file', () => {
  const fresh = (found = facts('2')) => ({ 'a.yaml': { found, sinceMs: at(0).ms } });

  it('starts a vassal when it has been as it is for settleSeconds, and not before', () => {
    const each = realm(fresh(), [waiting()]);
    assert.deepEqual(acts(each, 999), []);
    assert.equal(decide(each, at(999).ms).againMs, at(1000).ms);
    assert.deepEqual(acts(each, 1000), ['start a.yaml']);
  });

  it('reloads a vassal that serves when it is another version, whatever its times say', () => {
    assert.deepEqual(acts(realm(fresh(), [serving()]), 1000), ['reload a.yaml']);
    assert.deepEqual(acts(realm(fresh(facts('0')), [serving()]), 1000), ['reload a.yaml']);
    assert.deepEqual(acts(realm(fresh(facts('1')), [serving()]), 1000), []);
  });

  it('waits with a reload until the vassal serves', () => {
    assert.deepEqual(acts(realm(fresh(), [starting()]), 1000), []);
  });

  it('is not tried again when a reload with it was refused', () => {
    const vassal = askedToReload(serving(), '2', 1);
    assert.deepEqual(acts(realm(fresh(), [vassal]), 5000), []);
  });

  it('stops its vassal when it has been gone for settleSeconds, and is then forgotten', () => {
    const gone = { 'a.yaml': { found: undefined, sinceMs: at(0).ms } };
    assert.deepEqual(acts(realm(gone, [serving()]), 999), []);
    assert.deepEqual(acts(realm(gone, [serving()]), 1000), ['end a.yaml drain']);
    assert.deepEqual(acts(realm(gone, [starting()]), 1000), ['end a.yaml drain']);
    assert.deepEqual(acts(realm(gone, [waiting()]), 1000), ['forget a.yaml']);
  });

  it('that may not run leaves what runs alone, and is told once', () => {
    const empty = { 'a.yaml': settled(facts('2', { sizeBytes: 0 })) };
    for (const vassal of [serving(), waiting()]) {
      assert.deepEqual(reasons(realm(empty, [vassal]), 5000), ['it is empty']);
      const told = { ...vassal, reason: 'it is empty' };
      assert.deepEqual(acts(realm(empty, [told]), 5000), []);
    }
  });

  it('of which nothing can be known is told, and its vassal goes on', () => {
    const hidden = { 'a.yaml': settled('permission denied') };
    assert.deepEqual(reasons(realm(hidden, [serving()]), 5000), ['permission denied']);
  });

  it('starts and ends nothing while the directory is away', () => {
    const gone = { 'a.yaml': settled(undefined), 'b.yaml': settled(file) };
    const each = realm(gone, [serving(), waiting('b.yaml')], { isOpen: false });
    assert.deepEqual(acts(each, 60_000), []);
  });

  it('counts as another one with each stamp, and as the same one without a change', () => {
    const first = see(new Map(), new Map([['a.yaml', facts('1')]]), 100);
    const same = see(first, new Map([['a.yaml', facts('1')]]), 200);
    assert.equal(same.get('a.yaml')?.sinceMs, 100);
    const changed = see(same, new Map([['a.yaml', facts('2')]]), 300);
    assert.equal(changed.get('a.yaml')?.sinceMs, 300);
    const gone = see(changed, new Map(), 400);
    assert.deepEqual(gone.get('a.yaml'), { found: undefined, sinceMs: 400 });
    assert.equal(see(gone, new Map(), 500).get('a.yaml')?.sinceMs, 400);
  });
});

describe('emperor policy: an owner (tyrant)', () => {
  const tyrant = { regime: { uid: 0, isTyrant: true } };
  const alice = facts('1', { uid: 1000, gid: 1000 });
  const mallory = facts('2', { uid: 1001, gid: 1000 });
  const ofAlice = served(started(waiting(), at(0), alice, 7, settings), at(0), [], 20);

  it('who changes ends the vassal at once, and the file is refused after that', () => {
    const files = { 'a.yaml': { found: mallory, sinceMs: at(0).ms } };
    const each = realm(files, [ofAlice], tyrant);
    assert.deepEqual(acts(each, 0), ['end a.yaml drain']);
    const gone = ended(
      asked(ofAlice, at(0), { urgency: 'drain', seconds: 1, why: '', isFault: false }),
      at(1),
      'exit code 0',
      settings,
    );
    const [reason] = reasons(realm(files, [gone], tyrant), 60_000);
    assert.match(reason ?? '', /^its owner has changed from 1000:1000 to 1001:1000; remove it/);
  });

  it('who changes by the group alone counts too', () => {
    const files = { 'a.yaml': settled(facts('2', { uid: 1000, gid: 1001 })) };
    assert.deepEqual(acts(realm(files, [ofAlice], tyrant), 0), ['end a.yaml drain']);
  });

  it('is right again when the operator recalls everything, or the file was away', () => {
    const files = { 'a.yaml': settled(mallory) };
    const gone = { ...ofAlice, phase: 'waiting' as const };
    assert.deepEqual(acts(realm(files, [recalled(gone)], tyrant), 0), ['start a.yaml']);
    assert.deepEqual(acts(realm(files, [waiting()], tyrant), 0), ['start a.yaml']);
    assert.deepEqual(acts(realm(files, [recalled(ofAlice)], tyrant), 0), ['end a.yaml drain']);
  });

  it('is of no account without tyrant', () => {
    const files = { 'a.yaml': settled(facts('1', { gid: 5 })) };
    assert.deepEqual(acts(realm(files, [serving()]), 5000), []);
  });
});

describe('emperor policy: throttle', () => {
  const files = { 'a.yaml': settled(file), 'b.yaml': settled(facts('9')) };

  function afterFailures(count: number): Vassal {
    let vassal = waiting();
    for (let each = 0; each < count; each += 1) {
      vassal = failed(started(vassal, at(0), file, 7, settings), at(0), 'exit code 1', settings);
    }
    return vassal;
  }

  for (const [failures, seconds] of [
    [1, 2],
    [2, 4],
    [4, 16],
    [5, 16],
    [400, 16],
  ] as const) {
    it(`is ${seconds} seconds after ${failures} early ends, and holds nobody else up`, () => {
      const each = realm(files, [afterFailures(failures), waiting('b.yaml')]);
      assert.deepEqual(acts(each, seconds * 1000 - 1), ['start b.yaml']);
      assert.deepEqual(acts(each, seconds * 1000).toSorted(), ['start a.yaml', 'start b.yaml']);
    });
  }

  it('is over when the file changes, but is not forgotten', () => {
    const changed = { 'a.yaml': settled(facts('2')) };
    const vassal = afterFailures(3);
    assert.deepEqual(acts(realm(changed, [vassal]), 0), ['start a.yaml']);
    const again = failed(started(vassal, at(0), file, 7, settings), at(0), '', settings);
    assert.equal(again.failures, 4);
  });

  it('begins anew after healthySeconds of serving, and not before', () => {
    const vassal = served(started(afterFailures(3), at(0), file, 7, settings), at(0), [], 1);
    assert.equal(failed(vassal, at(29_999), '', settings).failures, 4);
    assert.equal(failed(vassal, at(30_000), '', settings).failures, 1);
  });

  it('counts a vassal that did not serve within startSeconds, and was killed', () => {
    const each = realm(files, [starting()]);
    assert.deepEqual(acts(each, 59_999), []);
    const [action] = decide(each, at(60_000).ms).actions;
    assert.ok(action?.act === 'end');
    assert.deepEqual(action.asked.urgency, 'kill');
    const killed = ended(asked(starting(), at(60_000), action.asked), at(60_001), 'x', settings);
    assert.deepEqual(
      [killed.phase, killed.failures, killed.reason],
      ['waiting', 1, 'it did not serve within 60 seconds'],
    );
  });

  it('lets startsMax vassals start at a time, those that failed least first', () => {
    const many = Object.fromEntries(['a', 'b', 'c', 'd'].map((each) => [each, settled(file)]));
    const vassals = ['d', 'c', 'b'].map((name) => waiting(name));
    const tired = { ...afterFailures(1), name: 'a' };
    const each = realm(many, [tired, ...vassals]);
    assert.deepEqual(acts(each, 5000).toSorted(), ['start b', 'start c']);
    const busy = realm(many, [tired, waiting('d'), starting(5000, 'b'), starting(5000, 'c')]);
    assert.deepEqual(acts(busy, 5001), []);
  });

  it('lets a slow start hold the others up for turnSeconds only', () => {
    const many = { a: settled(file), b: settled(file), c: settled(file) };
    const each = realm(many, [starting(0, 'a'), starting(0, 'b'), waiting('c')]);
    assert.deepEqual(acts(each, 9_999), []);
    assert.equal(decide(each, at(9_999).ms).againMs, at(10_000).ms);
    assert.deepEqual(acts(each, 10_000), ['start c']);
  });
});

describe('emperor policy: an end', () => {
  const files = { 'a.yaml': settled(file) };
  const draining = (seconds: number) =>
    asked(serving(), at(0), { urgency: 'drain', seconds, why: '', isFault: false });

  it('gives a vassal the time that it needs, and no more than stopSecondsMax', () => {
    for (const [wanted, given] of [
      [20, 20],
      [300, 300],
      [301, 300],
      [1e12, 300],
    ] as const) {
      const vassal = served(starting(), at(0), [], wanted);
      const [action] = decide(realm(files, [vassal], { ending: 'drain' }), at(0).ms).actions;
      assert.ok(action?.act === 'end');
      assert.equal(action.asked.seconds, given);
    }
  });

  it('kills what does not end in time', () => {
    const each = realm(files, [draining(20)]);
    assert.deepEqual(acts(each, 19_999), []);
    assert.deepEqual(acts(each, 20_000), ['end a.yaml kill']);
  });

  it('of the emperor ends all that runs, starts nothing, and can be hurried', () => {
    const all = [serving(), starting(0, 'b'), waiting('c')];
    const many = { ...files, b: settled(file), c: settled(file) };
    const drain = realm(many, all, { ending: 'drain' });
    assert.deepEqual(acts(drain, 0), ['end a.yaml drain', 'end b drain']);
    const hurried = realm(files, [draining(20)], { ending: 'interrupt' });
    assert.deepEqual(acts(hurried, 1), ['end a.yaml interrupt']);
  });

  it('that was asked for is no failure, and the file is started again when it is there', () => {
    const after = ended(draining(20), at(5), 'exit code 0', settings);
    assert.deepEqual([after.failures, after.phase], [0, 'waiting']);
    assert.deepEqual(acts(realm(files, [after]), 5), ['start a.yaml']);
  });
});
