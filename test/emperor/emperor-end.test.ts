import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { emperorFileName } from '../../src/emperor/hold-directory.ts';
import { until } from '../support/processes.ts';
import { EmperorProcess, Empire, isAlive } from './emperor-process.ts';

describe('emperor: signals', () => {
  it('emperor lets all drain on TERM, ends with 0, and leaves nothing behind', async () => {
    using empire = new Empire();
    empire.put('a.yaml');
    empire.put('b.yaml');
    await using emperor = new EmperorProcess(empire);
    const vassals = await Promise.all([
      empire.see('a.yaml', 'serves'),
      empire.see('b.yaml', 'serves'),
    ]);
    emperor.child.kill('SIGTERM');
    assert.equal(await emperor.ended, 0);
    assert.deepEqual(
      [empire.events('a.yaml').at(-1), empire.events('b.yaml').at(-1)],
      ['drained', 'drained'],
    );
    assert.deepEqual(
      vassals.filter(({ pid }) => isAlive(pid)),
      [],
    );
    assert.equal(existsSync(empire.file(emperorFileName)), false);
  });

  it('emperor ends all at once on INT, and on a second TERM', async () => {
    for (const signals of [['SIGINT'], ['SIGTERM', 'SIGTERM']] as const) {
      using empire = new Empire();
      empire.put('a.yaml', { ignoresTerm: true });
      await using emperor = new EmperorProcess(empire);
      await emperor.see('vassal serves', 'a.yaml');
      for (const [place, signal] of signals.entries()) {
        emperor.child.kill(signal);
        await emperor.see('stopping', undefined, place + 1);
        if (place + 1 < signals.length) await empire.see('a.yaml', 'ignored');
      }
      assert.equal(await emperor.ended, 130);
      assert.equal(empire.events('a.yaml').at(-1), 'interrupted');
    }
  });

  it('emperor reloads all on HUP, tries what waits again, and passes USR1 on', async () => {
    using empire = new Empire();
    empire.put('a.yaml');
    empire.put('bad.yaml', { fail: 'no' });
    const settings = { throttleSeconds: 60 };
    await using emperor = new EmperorProcess(empire, { settings });
    await Promise.all([
      emperor.see('vassal serves', 'a.yaml'),
      emperor.see('vassal ended', 'bad.yaml'),
    ]);
    emperor.child.kill('SIGHUP');
    await Promise.all([empire.see('a.yaml', 'reloaded'), empire.see('bad.yaml', 'started', 2)]);
    emperor.child.kill('SIGUSR1');
    await empire.see('a.yaml', 'reopened');
  });

  it('emperor killed with SIGKILL is outlived by no vassal for more than two seconds', async () => {
    using empire = new Empire();
    const names = ['a.yaml', 'b.yaml', 'c.yaml'];
    for (const name of names) empire.put(name, { ignoresTerm: true });
    await using emperor = new EmperorProcess(empire);
    const vassals = await Promise.all(names.map((name) => empire.see(name, 'serves')));
    emperor.child.kill('SIGKILL');
    await until('all have ended', () => vassals.every(({ pid }) => !isAlive(pid)), 2000);
    for (const name of names) assert.equal(empire.events(name).at(-1), 'orphaned');
    await using successor = new EmperorProcess(empire);
    await successor.see('vassal serves', 'a.yaml');
  });

  it('emperor starts many vassals a few at a time', async () => {
    using empire = new Empire();
    const names = Array.from({ length: 9 }, (_, index) => `v${index}.yaml`);
    for (const name of names) empire.put(name, { bootMs: 100 });
    await using emperor = new EmperorProcess(empire, { settings: { startsMax: 3 } });
    for (const name of names) await emperor.see('vassal serves', name);
    let atOnce = 0;
    let most = 0;
    for (const { message } of emperor.lines()) {
      if (message === 'vassal started') atOnce += 1;
      if (message === 'vassal serves') atOnce -= 1;
      most = Math.max(most, atOnce);
    }
    assert.equal(most, 3);
  });
});

describe('emperor: a start', () => {
  async function refusalOf(empire: Empire): Promise<string> {
    await using emperor = new EmperorProcess(empire);
    assert.equal(await emperor.ended, 69);
    return String(emperor.lines().at(-1)?.reason);
  }

  it('is refused without a directory, on a file, and where others may write (T99)', async () => {
    using empire = new Empire();
    chmodSync(empire.directory, 0o777);
    assert.match(await refusalOf(empire), /others than its owner may write into it; chmod go-w/);
    rmSync(empire.directory, { recursive: true });
    assert.match(await refusalOf(empire), /^Cannot rule .*vassals: /);
    writeFileSync(empire.directory, '');
    assert.match(await refusalOf(empire), /it is not a directory/);
  });

  it('is refused when another emperor rules the directory, with its pid', async () => {
    using empire = new Empire();
    await using emperor = new EmperorProcess(empire);
    await emperor.see('ready');
    const reason = await refusalOf(empire);
    assert.match(reason, new RegExp(`process ${emperor.child.pid} does already$`));
    empire.put('a.yaml');
    await empire.see('a.yaml', 'serves');
  });

  it('gives vassals no setting and no service manager of its own', async () => {
    using empire = new Empire();
    empire.put('a.yaml');
    mkdirSync(empire.file('ignored'));
    const own = { PORTCULLIS_WORKERS: '3', NOTIFY_SOCKET: '/x', LISTEN_FDS: '1', OTHER: '1' };
    await using _emperor = new EmperorProcess(empire, { environment: own });
    const { env } = await empire.see('a.yaml', 'serves');
    assert.deepEqual(
      Object.keys(own).filter((name) => env.includes(name)),
      ['OTHER'],
    );
  });
});
