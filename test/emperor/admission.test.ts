import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { directoryRefusal, fileRefusal } from '../../src/emperor/admission.ts';
import { type FileFacts, isConfigurationName } from '../../src/emperor/file-facts.ts';
import { configurationBytesMax } from '../../src/emperor/messages.ts';
import { facts } from './realm.ts';

const asRoot = { uid: 0, isTyrant: false };
const asUser = { uid: 1000, isTyrant: false };
const tyrant = { uid: 0, isTyrant: true };

describe('emperor admission', () => {
  const directory = (some: Partial<FileFacts>) => facts('1', { kind: 'directory', ...some });

  it('emperor admission takes a directory that its user alone can write to (T99)', () => {
    assert.equal(directoryRefusal(directory({ mode: 0o755 }), asRoot), undefined);
    assert.equal(directoryRefusal(directory({ mode: 0o755 }), asUser), undefined);
    assert.equal(directoryRefusal(directory({ uid: 1000, mode: 0o700 }), asUser), undefined);
  });

  for (const mode of [0o775, 0o757, 0o1777, 0o2770]) {
    it(`emperor admission refuses a directory of mode ${mode.toString(8)} (T99)`, () => {
      for (const regime of [asRoot, asUser, tyrant]) {
        assert.match(directoryRefusal(directory({ mode }), regime) ?? '', /others than its owner/);
      }
    });
  }

  it('emperor admission refuses a directory of another user (T99)', () => {
    assert.match(directoryRefusal(directory({ uid: 1000 }), asRoot) ?? '', /belong to root$/);
    assert.match(directoryRefusal(directory({ uid: 1000 }), tyrant) ?? '', /belong to root$/);
    assert.match(directoryRefusal(directory({ uid: 1 }), asUser) ?? '', /root or user 1000$/);
    assert.equal(directoryRefusal(facts('1'), asRoot), 'it is not a directory');
  });

  it('emperor admission refuses a file that others own or can write to (T99)', () => {
    assert.equal(fileRefusal(facts('1', { uid: 1000 }), asUser), undefined);
    assert.equal(fileRefusal(facts('1'), asUser), undefined);
    assert.match(fileRefusal(facts('1', { uid: 1 }), asUser) ?? '', /would run code as user 1000/);
    assert.match(fileRefusal(facts('1', { uid: 1000 }), asRoot) ?? '', /would run code as user 0/);
    for (const mode of [0o664, 0o646]) {
      assert.match(fileRefusal(facts('1', { mode }), asRoot) ?? '', /chmod go-w/);
      const own = facts('1', { mode, uid: 1000, gid: 1000 });
      assert.match(fileRefusal(own, tyrant) ?? '', /chmod go-w/);
    }
  });

  it('emperor admission has a tyrant refuse root, its group, and second names (T99, T27)', () => {
    const own: Partial<FileFacts> = { uid: 1000, gid: 1000 };
    assert.equal(fileRefusal(facts('1', own), tyrant), undefined);
    assert.match(fileRefusal(facts('1', { uid: 0, gid: 1000 }), tyrant) ?? '', /belongs to root/);
    assert.match(fileRefusal(facts('1', { uid: 1000, gid: 0 }), tyrant) ?? '', /group is root/);
    assert.match(fileRefusal(facts('1', { ...own, names: 2 }), tyrant) ?? '', /hard links/);
    assert.equal(fileRefusal(facts('1', { names: 2 }), asRoot), undefined);
  });

  it('emperor admission refuses what is no file of one to configurationBytesMax bytes', () => {
    assert.match(fileRefusal(facts('1', { kind: 'link' }), tyrant) ?? '', /symbolic link/);
    assert.match(fileRefusal(facts('1', { kind: 'other' }), asRoot) ?? '', /not a regular file/);
    assert.match(fileRefusal(facts('1', { kind: 'directory' }), asRoot) ?? '', /not a regular/);
    assert.equal(fileRefusal(facts('1', { sizeBytes: 0 }), asRoot), 'it is empty');
    assert.equal(fileRefusal(facts('1', { sizeBytes: configurationBytesMax }), asRoot), undefined);
    const long = facts('1', { sizeBytes: configurationBytesMax + 1 });
    assert.match(fileRefusal(long, asRoot) ?? '', /longer than/);
  });

  for (const name of [
    'a.yaml',
    'b.yml',
    'c.json',
    '-x.yaml',
    'with space.yaml',
    'line\nfeed.yaml',
  ]) {
    it(`emperor admission takes ${JSON.stringify(name)} as the name of a vassal`, () => {
      assert.equal(isConfigurationName(name), true);
    });
  }

  for (const name of [
    '.a.yaml',
    '.yaml',
    'a.yaml~',
    '#a.yaml#',
    '#a.yaml',
    '~$a.yaml',
    'a.yaml.swp',
    'a.yaml.rpmsave',
    'a.yaml.dpkg-new',
    'a.YAML',
    'yaml',
    '4913',
  ]) {
    it(`emperor admission does not take ${name} as the name of a vassal`, () => {
      assert.equal(isConfigurationName(name), false);
    });
  }
});
