import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { emperorLines } from '../../../src/cli/status/emperor-table.ts';
import { parseEmperor } from '../../../src/cli/status/parse-emperor.ts';
import { jsonOf, listEntriesMax, textCharactersMax } from '../../../src/cli/status/untrusted.ts';
import { emperorStats } from '../../../src/emperor/emperor-stats.ts';
import { served } from '../../../src/emperor/vassal-events.ts';
import { createStatsServer } from '../../../src/metrics/stats-server.ts';
import { at, empireStatus, starting } from '../../emperor/realm.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { portcullis } from '../program.ts';

const identity = { version: '0.1.0', pid: 70, uid: 0, gid: 0, cwd: '/' };
const written = emperorStats(identity, empireStatus());
const now = new Date((at(0).wallSeconds + 180) * 1000);

function viewOf(document: object) {
  const view = parseEmperor(document);
  assert.ok(view);
  return view;
}

/** The document of an emperor with one vassal that is as `more` and `own` say. */
function documentWith(more: object, own: object = {}): object {
  return { emperor: ['/d'], vassals: [{ ...more, portcullis: own }] };
}

describe('parseEmperor', () => {
  test('parseEmperor() reads what the stats socket of an emperor writes', () => {
    const view = viewOf(Object(jsonOf(JSON.stringify(written))));
    const { vassals, ...whole } = view;
    assert.deepEqual(whole, {
      ...{ schema: 1, version: '0.1.0', pid: 70 },
      ...{ directory: '/etc/vassals', tyrant: true, ready: false },
    });
    assert.deepEqual(vassals, [
      {
        ...{ vassal: 'bad.yaml', pid: 0, phase: 'waiting', startedAt: at(0).wallSeconds },
        ...{ restarts: 0, reloads: 0, failures: 1, waitSeconds: 2 },
        ...{ reason: 'Cannot listen', addresses: [] },
      },
      {
        ...{ vassal: 'good.yaml', pid: 71, phase: 'serving', startedAt: at(0).wallSeconds },
        ...{ restarts: 0, reloads: 0, failures: 0, waitSeconds: 0 },
        ...{ reason: null, addresses: ['unix:/run/good.sock'] },
      },
    ]);
  });

  test('parseEmperor() takes nothing else for an emperor, that of uWSGI included', () => {
    const others = [undefined, null, 3, [], {}, { emperor: ['/d'] }, { vassals: [] }];
    for (const other of [...others, { emperor: ['/d'], vassals: [{ id: 'a.ini', pid: 1 }] }]) {
      assert.equal(parseEmperor(other), undefined, JSON.stringify(other));
    }
  });

  test('parseEmperor() says ready when every vassal serves what its file says', () => {
    const ready = (own: object): boolean => viewOf(documentWith({}, own)).ready;
    assert.equal(ready({ phase: 'serving', reason: null }), true);
    assert.equal(ready({ phase: 'serving', reason: 'a mistake' }), false);
    assert.equal(ready({ phase: 'starting', reason: null }), false);
    assert.equal(ready({}), false);
    assert.equal(viewOf({ emperor: ['/d'], vassals: [] }).ready, true);
  });

  test('parseEmperor() takes so many entries and characters, and no more', () => {
    const vassals = (length: number) => Array.from({ length }, () => ({ portcullis: {} }));
    const count = (length: number): number =>
      viewOf({ emperor: ['/d'], vassals: vassals(length) }).vassals.length;
    assert.deepEqual(
      [count(listEntriesMax), count(listEntriesMax + 1)],
      Array(2).fill(listEntriesMax),
    );
    const [vassal] = viewOf(documentWith({ id: 'x'.repeat(textCharactersMax + 1) })).vassals;
    assert.equal(vassal?.vassal.length, textCharactersMax);
  });

  test('parseEmperor() lets no text drive a terminal (T87)', () => {
    const evil = '\u001b[2J\u009b31m\r\n\u202e';
    const own = { phase: evil, reason: evil, addresses: [evil], waitSeconds: evil };
    const view = viewOf({ ...documentWith({ id: evil }, own), version: evil, emperor: [evil] });
    const shown = [...emperorLines(view, now), JSON.stringify(view)];
    for (const line of shown) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
  });
});

describe('emperorLines', () => {
  test('emperorLines() shows the emperor, what is wrong, and a row for each vassal', () => {
    assert.deepEqual(emperorLines(viewOf(written), now), [
      'Emperor of Portcullis 0.1.0, pid 70: /etc/vassals, tyrant',
      'Serving: 1/2 vassals',
      'bad.yaml: Cannot listen',
      '',
      'VASSAL     STATE    PID    AGE  WAIT  FAILURES  RELOADS  RESTARTS',
      'bad.yaml   waiting    -      -   2 s         1        0         0',
      'good.yaml  serving   71  3 min     -         0        0         0',
    ]);
  });
});

describe('portcullis status of an emperor', () => {
  /** What it writes and ends with, of an emperor that is as `status` says. */
  async function ask(status: typeof written, ...args: readonly string[]) {
    using directory = temporaryDirectory();
    const path = directory.file('emperor.sock');
    const server = createStatsServer({
      document: () => status,
      onFault: (error) => assert.fail(String(error)),
    });
    await server.listen({ path });
    try {
      return await portcullis(['status', '--address', `unix:${path}`, ...args]);
    } finally {
      await server.close();
    }
  }

  test('portcullis status shows the vassals, and 1 says that one does not serve', async () => {
    const { code, out, err } = await ask(written);
    assert.deepEqual([code, err], [1, '']);
    assert.match(out, /^bad\.yaml: Cannot listen$/m);
    assert.match(out, /^good\.yaml {2}serving +71 /m);
  });

  test('portcullis status --json writes the vassals, and 0 says that all serve', async () => {
    const good = served(starting('good.yaml', 71), at(1000), [], 5);
    const { code, out } = await ask(emperorStats(identity, empireStatus([good])), '--json');
    assert.equal(code, 0);
    const { schema, vassals } = JSON.parse(out);
    assert.deepEqual([schema, vassals[0].vassal, vassals[0].pid], [1, 'good.yaml', 71]);
  });
});
