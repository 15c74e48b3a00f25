import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { factsOf } from '../../src/emperor/file-facts.ts';
import { readConfiguration } from '../../src/emperor/read-configuration.ts';
import { needsRoot } from '../support/needs.ts';
import { until } from '../support/processes.ts';
import { EmperorProcess, Empire, isAlive } from './emperor-process.ts';

/** Numbers that no user of the machine needs to have. */
const alice = 48_001;
const mallory = 48_002;
const tyrant = { isTyrant: true };

describe('emperor --tyrant', { skip: needsRoot() }, () => {
  it('runs each vassal as the owner of its file, without further groups or variables (T92)', async () => {
    using empire = new Empire();
    empire.put('alice.yaml', { writes: 'words\n' }, alice);
    empire.put('mallory.yaml', {}, mallory);
    const environment = { SECRET_OF_ROOT: 'x' };
    await using emperor = new EmperorProcess(empire, { ...tyrant, environment });
    for (const [name, id] of [
      ['alice.yaml', alice],
      ['mallory.yaml', mallory],
    ] as const) {
      const { uid, gid, groups, env } = await empire.see(name, 'serves');
      assert.deepEqual([uid, gid], [id, id]);
      assert.deepEqual(
        groups.filter((group) => group !== id),
        [],
      );
      assert.equal(env.includes('SECRET_OF_ROOT'), false);
    }
    assert.equal((await emperor.see('output', 'alice.yaml')).line, 'words');
  });

  it('refuses files of root, links, second names, and files that others write to (T27, T99)', async () => {
    using empire = new Empire();
    empire.put('root.yaml');
    empire.put('target', {}, alice);
    symlinkSync(empire.file('target'), empire.file('link.yaml'));
    empire.put('second.yaml', {}, alice);
    linkSync(empire.file('second.yaml'), empire.file('first'));
    empire.put('open.yaml', {}, alice);
    chmodSync(empire.file('open.yaml'), 0o666);
    await using emperor = new EmperorProcess(empire, tyrant);
    const reasonOf = async (name: string) =>
      String((await emperor.see('vassal refused', name)).reason);
    assert.match(await reasonOf('root.yaml'), /^it belongs to root/);
    assert.match(await reasonOf('link.yaml'), /^it is a symbolic link/);
    assert.match(await reasonOf('second.yaml'), /^it has more than one name/);
    assert.match(await reasonOf('open.yaml'), /chmod go-w is right$/);
    assert.deepEqual(empire.notes(), []);
  });

  it('ends a vassal whose file gets another owner, and refuses it until it was away (T39a)', async () => {
    using empire = new Empire();
    empire.put('a.yaml', {}, alice);
    await using emperor = new EmperorProcess(empire, tyrant);
    await empire.see('a.yaml', 'serves');
    empire.put('a.yaml', {}, mallory);
    await empire.see('a.yaml', 'drained');
    const { reason } = await emperor.see('vassal refused', 'a.yaml');
    assert.match(String(reason), /^its owner has changed from 48001:48001 to 48002:48002/);
    await sleep(500);
    assert.deepEqual(empire.events('a.yaml'), ['started', 'serves', 'drained']);
    unlinkSync(empire.file('a.yaml'));
    await emperor.see('vassal forgotten', 'a.yaml');
    empire.put('a.yaml', {}, mallory);
    await empire.see('a.yaml', 'serves', 2);
    assert.equal(empire.notes('a.yaml').at(-1)?.uid, mallory);
  });

  it('takes a new owner at the word of the operator (HUP)', async () => {
    using empire = new Empire();
    empire.put('a.yaml', {}, alice);
    await using emperor = new EmperorProcess(empire, tyrant);
    await empire.see('a.yaml', 'serves');
    chownSync(empire.file('a.yaml'), mallory, mallory);
    await emperor.see('vassal refused', 'a.yaml');
    emperor.child.kill('SIGHUP');
    await empire.see('a.yaml', 'serves', 2);
    assert.equal(empire.notes('a.yaml').at(-1)?.uid, mallory);
  });

  it('never runs the text of one user as another, however files are swapped (T39a)', async () => {
    using empire = new Empire();
    const settings = { settleSeconds: 0.02, scanSeconds: 0.05 };
    await using emperor = new EmperorProcess(empire, { ...tyrant, settings });
    await emperor.see('ready');
    for (let round = 0; round < 30; round += 1) {
      const [marker, owner] = round % 2 === 0 ? ['alice', alice] : ['mallory', mallory];
      empire.put('a.yaml', { marker }, owner);
      await sleep(round % 7 === 0 ? 150 : 15);
      if (round % 5 === 0) emperor.child.kill('SIGHUP');
    }
    let asked = 0;
    await until(
      'the last one serves',
      () => {
        // A word that comes before the last swap is seen says nothing of it.
        if (asked % 50 === 0) emperor.child.kill('SIGHUP');
        asked += 1;
        const last = empire.notes().at(-1);
        return last?.event === 'serves' && last.uid === mallory;
      },
      30_000,
    );
    for (const { marker, uid } of empire.notes()) {
      assert.equal(uid, marker === 'alice' ? alice : mallory);
    }
  });

  it('ends every vassal of every user when it ends', async () => {
    using empire = new Empire();
    empire.put('a.yaml', { ignoresTerm: true }, alice);
    await using emperor = new EmperorProcess(empire, tyrant);
    const { pid } = await empire.see('a.yaml', 'serves');
    emperor.child.kill('SIGKILL');
    await until('it has ended', () => !isAlive(pid), 2000);
  });
});

describe('emperor: the reading of a file', { skip: needsRoot() }, () => {
  const regime = { uid: 0, isTyrant: true };

  it('gives the text of what was seen, and of nothing that was put in its place (T39a)', () => {
    using empire = new Empire();
    empire.put('a.yaml', { marker: 'seen' }, alice);
    const file = empire.file('a.yaml');
    const seen = factsOf(lstatSync(file, { bigint: true }));
    const read = readConfiguration(file, seen, regime);
    assert.ok('text' in read && read.text.includes('seen'));
    empire.put('other.yaml', { marker: 'other' }, mallory);
    renameSync(empire.file('other.yaml'), file);
    assert.deepEqual(readConfiguration(file, seen, regime), { isChanged: true });
    unlinkSync(file);
    symlinkSync('/etc/passwd', file);
    lutimesSync(file, 0, 0);
    const link = readConfiguration(file, seen, regime);
    assert.ok('refusal' in link && link.refusal.startsWith('it cannot be read: '));
    unlinkSync(file);
    writeFileSync(file, '');
    assert.deepEqual(readConfiguration(file, seen, regime), { isChanged: true });
  });
});
