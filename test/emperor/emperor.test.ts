import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/processes.ts';
import { EmperorProcess, Empire, isAlive } from './emperor-process.ts';

describe('emperor: files', () => {
  it('emperor starts, reloads and stops a vassal as its file comes, changes and goes', async () => {
    using empire = new Empire();
    await using emperor = new EmperorProcess(empire);
    await emperor.see('ready');
    empire.put('a.yaml', { marker: 'one' });
    const first = await empire.see('a.yaml', 'serves');
    assert.deepEqual([first.marker, first.file], ['one', empire.file('a.yaml')]);
    empire.put('a.yaml', { marker: 'two' });
    const reloaded = await empire.see('a.yaml', 'reloaded');
    assert.deepEqual([reloaded.marker, reloaded.pid], ['two', first.pid]);
    unlinkSync(empire.file('a.yaml'));
    await empire.see('a.yaml', 'drained');
    await emperor.see('vassal forgotten', 'a.yaml');
    assert.equal(isAlive(first.pid), false);
  });

  it('emperor reloads for a touch, an older time, an append, and each of two changes at once', async () => {
    using empire = new Empire();
    await using _emperor = new EmperorProcess(empire, { settings: { scanSeconds: 60 } });
    empire.put('a.yaml');
    await empire.see('a.yaml', 'serves');
    utimesSync(empire.file('a.yaml'), new Date(), new Date());
    await empire.see('a.yaml', 'reloaded', 1);
    utimesSync(empire.file('a.yaml'), new Date(0), new Date(0));
    await empire.see('a.yaml', 'reloaded', 2);
    appendFileSync(empire.file('a.yaml'), ' ');
    await empire.see('a.yaml', 'reloaded', 3);
    empire.put('a.yaml', { marker: '1' });
    empire.put('a.yaml', { marker: '2' });
    await until('the last one counts', () => empire.notes().at(-1)?.marker === '2');
  });

  it('emperor finds by looking what nobody told it of', async () => {
    using empire = new Empire();
    mkdirSync(empire.file('../elsewhere'));
    const target = empire.file('../elsewhere/target.yaml');
    writeFileSync(target, JSON.stringify({ journal: empire.journal, marker: 'one' }));
    symlinkSync(target, empire.file('a.yaml'));
    await using _emperor = new EmperorProcess(empire);
    await empire.see('a.yaml', 'serves');
    writeFileSync(target, JSON.stringify({ journal: empire.journal, marker: 'two' }));
    assert.equal((await empire.see('a.yaml', 'reloaded')).marker, 'two');
  });

  it('emperor stops one and starts another vassal when a file is renamed', async () => {
    using empire = new Empire();
    await using _emperor = new EmperorProcess(empire);
    empire.put('a.yaml');
    await empire.see('a.yaml', 'serves');
    renameSync(empire.file('a.yaml'), empire.file('b.json'));
    await Promise.all([empire.see('a.yaml', 'drained'), empire.see('b.json', 'serves')]);
  });

  it('emperor takes names with spaces, line feeds and dashes, and one line of the log for each (T87)', async () => {
    using empire = new Empire();
    const names = ['with space.yaml', 'line\nfeed.yaml', '--help.yaml', '-.yaml', '$(x).yaml'];
    for (const name of names) empire.put(name);
    await using emperor = new EmperorProcess(empire);
    for (const name of names) {
      await empire.see(name, 'serves');
      await emperor.see('vassal serves', name);
    }
  });

  it('emperor leaves what runs alone when its file is half-written, empty, or may not run', async () => {
    using empire = new Empire();
    await using emperor = new EmperorProcess(empire);
    empire.put('a.yaml');
    const { pid } = await empire.see('a.yaml', 'serves');
    writeFileSync(empire.file('a.yaml'), '{ "journal": ');
    await emperor.see('vassal keeps its configuration', 'a.yaml');
    writeFileSync(empire.file('a.yaml'), '');
    assert.equal((await emperor.see('vassal refused', 'a.yaml')).reason, 'it is empty');
    empire.put('a.yaml');
    await empire.see('a.yaml', 'reloaded');
    chmodSync(empire.file('a.yaml'), 0o666);
    assert.match(String((await emperor.see('vassal refused', 'a.yaml', 2)).reason), /chmod go-w/);
    writeFileSync(empire.file('a.yaml'), Buffer.from([0xff]), { mode: 0o644 });
    chmodSync(empire.file('a.yaml'), 0o644);
    assert.equal((await emperor.see('vassal refused', 'a.yaml', 3)).reason, 'it is not UTF-8');
    assert.equal(isAlive(pid), true);
    assert.deepEqual(empire.events('a.yaml'), ['started', 'serves', 'reloaded']);
  });

  it('emperor leaves out what cannot run, and the others serve', async () => {
    using empire = new Empire();
    mkdirSync(empire.file('directory.yaml'));
    symlinkSync('/nowhere', empire.file('dangling.yaml'));
    writeFileSync(empire.file('a.yaml.swp'), 'x');
    empire.put('bad.yaml', { fail: 'Cannot listen: process 5 does' });
    empire.put('good.yaml');
    await using emperor = new EmperorProcess(empire);
    await empire.see('good.yaml', 'serves');
    const bad = await emperor.see('vassal ended', 'bad.yaml');
    assert.deepEqual([bad.reason, bad.how], ['Cannot listen: process 5 does', 'exit code 78']);
    const refused = await emperor.see('vassal refused', 'directory.yaml');
    assert.equal(refused.reason, 'it is not a regular file');
    const dangling = await emperor.see('vassal refused', 'dangling.yaml');
    assert.equal(dangling.reason, 'it is a symbolic link to nothing');
  });

  it('emperor keeps its vassals when the directory vanishes or is opened to others, and goes on when it is back', async () => {
    using empire = new Empire();
    await using emperor = new EmperorProcess(empire);
    empire.put('a.yaml');
    const { pid } = await empire.see('a.yaml', 'serves');
    renameSync(empire.directory, `${empire.directory}.away`);
    await emperor.see('The directory cannot be used: what runs goes on');
    renameSync(`${empire.directory}.away`, empire.directory);
    await emperor.see('The directory is back');
    chmodSync(empire.directory, 0o777);
    await emperor.see('The directory cannot be used: what runs goes on', undefined, 2);
    empire.put('planted.yaml');
    await sleep(600);
    assert.deepEqual(empire.events('planted.yaml'), []);
    assert.equal(isAlive(pid), true);
    unlinkSync(empire.file('planted.yaml'));
    chmodSync(empire.directory, 0o755);
    await emperor.see('The directory is back', undefined, 2);
    empire.put('b.yaml');
    await empire.see('b.yaml', 'serves');
    assert.deepEqual(empire.events('a.yaml'), ['started', 'serves']);
  });

  it('emperor throttles what keeps crashing, and touches nobody else', async () => {
    using empire = new Empire();
    empire.put('bad.yaml', { crashMs: 0 });
    empire.put('good.yaml');
    await using emperor = new EmperorProcess(empire);
    await emperor.see('vassal ended', 'bad.yaml', 3);
    const waits = emperor
      .lines()
      .filter(({ message }) => message === 'vassal ended')
      .map(({ againSeconds }) => againSeconds);
    assert.deepEqual(waits.slice(0, 3), [0.2, 0.4, 0.8]);
    empire.put('bad.yaml', {});
    await until('it serves after a change', () => empire.events('bad.yaml').at(-1) === 'serves');
    assert.deepEqual(empire.events('good.yaml'), ['started', 'serves']);
  });

  it('emperor kills what does not say in time that it serves, or does not end', async () => {
    using empire = new Empire();
    empire.put('slow.yaml', { bootMs: 60_000 });
    empire.put('deaf.yaml', { ignoresTerm: true });
    await using emperor = new EmperorProcess(empire, { settings: { startSeconds: 3 } });
    const slow = await emperor.see('vassal ended', 'slow.yaml');
    assert.equal(slow.reason, 'it did not serve within 3 seconds');
    const { pid } = await empire.see('deaf.yaml', 'serves');
    unlinkSync(empire.file('deaf.yaml'));
    assert.equal((await emperor.see('vassal stopped', 'deaf.yaml')).how, 'signal SIGKILL');
    assert.equal(isAlive(pid), false);
  });

  it('emperor does not believe what a vassal says against the rules', async () => {
    using empire = new Empire();
    empire.put('nonsense.yaml', { says: 'nonsense\n' });
    empire.put('endless.yaml', { says: 'x'.repeat(70_000) });
    empire.put('flood.yaml', { says: '{"type":"reloaded","id":1}\n'.repeat(51) });
    await using emperor = new EmperorProcess(empire);
    const reasonOf = async (name: string) => (await emperor.see('vassal ended', name)).reason;
    assert.equal(await reasonOf('nonsense.yaml'), 'it sent what is no message');
    assert.equal(await reasonOf('endless.yaml'), 'it sent a line that is too long');
    assert.equal(await reasonOf('flood.yaml'), 'it sent too many messages');
  });

  it('emperor lists a directory with many other entries and files over its limit', async () => {
    using empire = new Empire();
    for (let each = 0; each < 4000; each += 1) writeFileSync(empire.file(`entry-${each}`), '');
    for (const name of ['d', 'c', 'b', 'a']) empire.put(`${name}.yaml`);
    await using emperor = new EmperorProcess(empire, { settings: { vassalsMax: 2 } });
    await Promise.all([empire.see('a.yaml', 'serves'), empire.see('b.yaml', 'serves')]);
    const told = await emperor.see('The directory has more files than are served');
    assert.deepEqual([told.vassalsMax, told.over], [2, 2]);
    rmSync(empire.file('a.yaml'));
    await empire.see('c.yaml', 'serves');
    assert.deepEqual(empire.events('d.yaml'), []);
    rmSync(empire.file('b.yaml'));
    await emperor.see('All files of the directory are served again');
    await empire.see('d.yaml', 'serves');
  });
});
