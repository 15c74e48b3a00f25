import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { emperorStats } from '../../src/emperor/emperor-stats.ts';
import { createStatsServer } from '../../src/metrics/stats-server.ts';
import { needs } from '../support/needs.ts';
import { stop, until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { toolPath } from '../support/tools.ts';
import { at, empireStatus } from './realm.ts';

const identity = { version: '0.1.0', pid: 70, uid: 0, gid: 0, cwd: '/' };
const start = at(0);

describe('emperor stats', () => {
  it('emperor stats have the fields of uWSGI, and what it does not tell', () => {
    const { vassals, blacklist, ...whole } = emperorStats(identity, empireStatus());
    const emperor = { emperor: ['/etc/vassals'], emperor_tyrant: 1, throttle_level: 2000 };
    assert.deepEqual(whole, { ...identity, ...emperor });
    const [bad, good] = vassals;
    assert.deepEqual([bad?.id, bad?.pid, bad?.accepting, bad?.cursed], ['bad.yaml', 0, 0, 0]);
    assert.deepEqual(
      [good?.pid, good?.uid, good?.gid, good?.accepting, good?.respawns, good?.last_mod],
      [71, 1000, 1001, 1, 0, 5],
    );
    assert.equal(good?.last_ready, start.wallSeconds + 1);
    assert.deepEqual(bad?.portcullis, {
      phase: 'waiting',
      reason: 'Cannot listen',
      addresses: [],
      reloads: 0,
      reloading: false,
      failures: 1,
      waitSeconds: 2,
    });
    const failure = start.wallSeconds + 1;
    assert.deepEqual(blacklist, [
      {
        id: 'bad.yaml',
        throttle_level: 2000,
        attempt: 1,
        first_attempt: failure,
        last_attempt: failure,
      },
    ]);
  });

  it('emperor stats are shown by uwsgitop', { skip: needs('uwsgitop', 'script') }, async () => {
    using directory = temporaryDirectory();
    const path = directory.file('stats.sock');
    const document = () => emperorStats(identity, empireStatus());
    const server = createStatsServer({ document, onFault: () => {} });
    await server.listen({ path });
    const child = spawn('script', ['-qec', `uwsgitop ${path}`, '/dev/null'], {
      env: { PATH: toolPath, TERM: 'xterm', LANG: 'C.UTF-8', LINES: '40', COLUMNS: '200' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      let screen = '';
      child.stdout.on('data', (chunk) => {
        screen += String(chunk);
      });
      await until('uwsgitop shows it', () => screen.includes('good.yaml'), 30_000);
      assert.match(screen, /\/etc\/vassals/);
      const ended = once(child, 'close');
      child.stdin.write('q');
      await ended;
    } finally {
      await stop(child);
      await server.close();
    }
  });
});
