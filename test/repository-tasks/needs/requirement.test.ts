import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type PackageRelation,
  richLengthMax,
  satisfies,
  wantedBy,
} from '../../../src/repository-tasks/needs/requirement.ts';

const any = { flags: null, epoch: null, version: null, release: null };

function relation(flags: string, evr: string): PackageRelation {
  const [, epoch = '0', version = '', release = null] =
    /^(?:(\d+):)?([^-]*)(?:-(.*))?$/.exec(evr) ?? [];
  return { name: 'a', flags, epoch, version, release };
}

describe('what a package requires', () => {
  it('is the name and version that it says, and nothing of rpm itself', () => {
    const plain = { ...any, name: 'libc.so.6(GLIBC_2.34)(64bit)' };
    assert.deepEqual(wantedBy(plain), [plain]);
    assert.deepEqual(wantedBy({ ...any, name: 'rpmlib(CompressedFileNames)' }), []);
  });

  it('is all that a dependency of several parts names', () => {
    const name = '((python3dist(six) >= 1:1.2-3 with libx()(64bit)) or (b if c))';
    assert.deepEqual(wantedBy({ ...any, name }), [
      { name: 'python3dist(six)', flags: 'GE', epoch: '1', version: '1.2', release: '3' },
      ...['libx()(64bit)', 'b', 'c'].map((each) => ({ ...any, name: each })),
    ]);
  });

  it('is not read where it is too long, and is whole where it is not', () => {
    const name = `(${'a'.repeat(richLengthMax - 2)})`;
    assert.equal(wantedBy({ ...any, name }).length, 1);
    assert.deepEqual(wantedBy({ ...any, name: `${name})` }), []);
  });
});

describe('what a package brings', () => {
  it('is what is required by the order of versions', () => {
    for (const [provided, flags, wanted, isRight] of [
      ['1.0-1', 'EQ', '1.0', true],
      ['1.0-1', 'EQ', '1.0-2', false],
      ['1.0-2', 'GE', '1.0-1', true],
      ['1.0-1', 'GT', '1.0-1', false],
      ['1.10-1', 'GT', '1.9-1', true],
      ['1:1-1', 'GT', '9-1', true],
      ['1.0~rc1-1', 'LT', '1.0', true],
      ['1.0-1', 'LE', '1.0', true],
      ['1.1-1', 'LE', '1.0', false],
    ] as const) {
      const said = `${provided} ${flags} ${wanted}`;
      assert.equal(satisfies(relation('EQ', provided), relation(flags, wanted)), isRight, said);
    }
  });

  it('is of any version where none is required, and of none where it says none', () => {
    assert.equal(satisfies({ ...any, name: 'a' }, { ...any, name: 'a' }), true);
    assert.equal(satisfies(relation('EQ', '1-1'), { ...any, name: 'a' }), true);
    assert.equal(satisfies({ ...any, name: 'a' }, relation('GE', '1')), false);
  });
});
