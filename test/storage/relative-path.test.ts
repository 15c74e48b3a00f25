import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileNameProblem, relativePathProblem } from '../../src/storage/relative-path.ts';

describe('relativePathProblem()', () => {
  it('takes whole segments, with every letter and name that packages have', () => {
    const right = ['a', 'a/b/c', 'Packages/b/bash-5.2~rc1+git^20-1.x86_64.rpm', '.treeinfo', '...'];
    for (const path of [...right, 'größe/日本 語.iso', 'a'.repeat(255)]) {
      assert.equal(relativePathProblem(path), undefined, path);
    }
  });

  it('T28 refuses what leads elsewhere, or means two things', () => {
    const wrong = {
      '': 'is empty',
      '..': 'has a segment ..',
      'a/../b': 'has a segment ..',
      'a/..': 'has a segment ..',
      './a': 'has a segment .',
      'a/./b': 'has a segment .',
      '/etc/passwd': 'begins with a slash; it has to be relative',
      '//host/share': 'begins with a slash; it has to be relative',
      'a//b': 'has an empty segment',
      'a/': 'ends with a slash',
      'a\0b': 'has a control character',
      'a\nb': 'has a control character',
      'a\u0085b': 'has a control character',
      'a\u2028b': 'has a line separator',
      'a\u2029b': 'has a line separator',
      '..\\a': 'has a backslash',
      'a\ud800': 'is not valid Unicode',
    };
    for (const [path, problem] of Object.entries(wrong)) {
      assert.equal(relativePathProblem(path), problem, JSON.stringify(path));
    }
  });

  it('T28 has limits in bytes', () => {
    assert.equal(relativePathProblem('ä'.repeat(127)), undefined);
    assert.match(relativePathProblem('ä'.repeat(128)) ?? '', /more than 255 bytes/);
    const long = 'abcdefg/'.repeat(511);
    assert.equal(relativePathProblem(`${long}12345678`), undefined);
    assert.match(relativePathProblem(`${long}123456789`) ?? '', /longer than 4096 bytes/);
  });
});

describe('fileNameProblem()', () => {
  it('T28 refuses a name that has segments', () => {
    assert.equal(fileNameProblem('a.rpm'), undefined);
    assert.equal(fileNameProblem('a/b.rpm'), 'has a slash');
    assert.equal(fileNameProblem('..'), 'has a segment ..');
  });
});
