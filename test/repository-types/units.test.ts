import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '../../src/repositories/documents.ts';
import { repositoryTypes, unitType } from '../../src/repository-types/all-types.ts';
import type { UnitDescription, UnitRefusal } from '../../src/repository-types/repository-type.ts';
import { moduleBytesMax } from '../../src/repository-types/rpm/modulemd.ts';
import { checkDocument } from '../../src/stores/document.ts';
import { storeLimits } from '../../src/stores/limits.ts';
import { givenUnit } from '../support/given-file.ts';
import { temporaryDirectory } from '../support/temporary.ts';

describe('the types of repositories', () => {
  it('have ids of their own, and name units that there are', () => {
    const units = repositoryTypes.flatMap((type) => type.unitTypes.map(({ id }) => id));
    const others = repositoryTypes.flatMap((type) => [...type.importers, ...type.distributors]);
    const ids = [...units, ...others.map(({ id }) => id)];
    assert.equal(new Set(ids).size, ids.length);
    const named = others.flatMap(({ unitTypes }) => unitTypes);
    assert.deepEqual(
      named.filter((id) => !units.includes(id)),
      [],
    );
  });
});

describe('a file', () => {
  it('is known by its name and its bytes', async () => {
    const read = described(await readUnit('iso', 'bytes', { unitKey: { name: 'a b.iso' } }));
    assert.deepEqual([read.filename, read.fields.size], ['a b.iso', 5]);
    assert.deepEqual(read.replacesBy, ['name']);
  });

  it('is refused with another digest or size than the client says', async () => {
    for (const wrong of [{ size: 6 }, { size: '6' }, { checksum: 'a'.repeat(64) }]) {
      const read = await readUnit('iso', 'bytes', { unitKey: { name: 'a', ...wrong } });
      assert.equal('code' in read && read.code, 'PLP1013');
    }
    described(await readUnit('iso', 'bytes', { unitKey: { name: 'a', size: '5' } }));
  });

  it('is refused with a name that is no name (T28)', async () => {
    const names = [
      '',
      '.',
      '..',
      '../a',
      'a/b',
      '/a',
      'a\0',
      'a\n',
      'é'.repeat(128),
      'PULP_MANIFEST',
    ];
    for (const name of names) {
      assert.match(refused(await readUnit('iso', 'bytes', { unitKey: { name } })), /Cannot take/);
    }
    const most = { name: 'é'.repeat(127) };
    described(await readUnit('iso', 'bytes', { unitKey: most }));
    refused(await readUnit('iso', undefined, { unitKey: { name: 'a' } }));
  });
});

describe('units that are metadata alone', () => {
  it('take an erratum as Pulp keeps it, and leave out what they do not know', async () => {
    const unitMetadata = { title: 'A', pushcount: 3, reboot_suggested: 'True', unknown: 1 };
    const read = described(
      await readUnit('erratum', undefined, { unitKey: { id: 'A' }, unitMetadata }),
    );
    const fields = { id: 'A', title: 'A', pushcount: '3', reboot_suggested: true };
    assert.deepEqual(read, { fields, replacesBy: ['id'] });
  });

  it('refuse what has the wrong shape, or no key', async () => {
    const wrong: readonly (readonly [string, JsonObject])[] = [
      ['erratum', {}],
      ['erratum', { id: '../a' }],
      ['erratum', { id: 'A', references: 'none' }],
      ['erratum', { id: 'A', pkglist: ['none'] }],
      ['erratum', { id: 'A', title: { $gt: '' } }],
      ['package_group', { package_group_id: 'a' }],
      ['package_group', { package_group_id: 'a', repo_id: 'r', default: 'perhaps' }],
      [
        'package_group',
        { package_group_id: 'a', repo_id: 'r', conditional_package_names: [['a']] },
      ],
      ['package_category', { package_category_id: 'a', repo_id: 'r', packagegroupids: [1, {}] }],
      ['package_environment', { package_environment_id: 'a', repo_id: 'r', options: [1] }],
      ['package_langpacks', { matches: [] }],
    ];
    for (const [type, unitMetadata] of wrong) {
      assert.match(refused(await readUnit(type, undefined, { unitMetadata })), /Cannot take/);
    }
  });

  it('have no control characters in their texts, which terminals and XML would mind', async () => {
    const unitMetadata = { id: 'A', title: 'a\u001b[2J\u0000b\ud800' };
    const { fields } = described(await readUnit('erratum', undefined, { unitMetadata }));
    assert.equal(fields.title, 'a\ufffd[2J\ufffdb\ufffd');
  });
});

describe('a module', () => {
  it('is known by what its document says', async () => {
    const { fields } = described(await readUnit('modulemd', module));
    const { name, stream, version, context, arch, artifacts } = fields;
    const key = [name, stream, version, context, arch];
    assert.deepEqual(key, ['gates', '1.10', 20_261_101, 'c0ffee', 'x86_64']);
    assert.deepEqual(artifacts, ['gate-0:1.0-1.x86_64']);
    const own = described(
      await readUnit('modulemd_defaults', defaults, { unitKey: { repo_id: 'acme' } }),
    );
    assert.deepEqual(own.fields.profiles, { '1\uff0e10': ['common'] });
  });

  it('is refused when it is none, has aliases, or is too large (T81)', async () => {
    const bomb = `a: &a [x,x]\nb: &b [*a,*a]\ndocument: modulemd\ndata: [*b,*b]\n`;
    const long = `${module}# ${'x'.repeat(moduleBytesMax)}`;
    const other = module.replace('document: modulemd', 'document: packager');
    const leading = module.replace('name: gates', 'name: ../gates');
    for (const text of ['', '{', 'a: [', '- 1', bomb, long, other, leading]) {
      assert.match(refused(await readUnit('modulemd', text)), /Cannot take the (?:module|unit)/);
    }
  });
});

describe('the names in a module', () => {
  it('may have dots, as streams have, and are such as every store keeps', async () => {
    const text = defaults.replace('"1.10": [', '"1.10": [common]\n    constructor: [');
    const given = { unitKey: { repo_id: 'acme' } };
    const { fields } = described(await readUnit('modulemd_defaults', text, given));
    assert.deepEqual(checkDocument({ fields }, storeLimits).fields, fields);
    const nul = module.replace('name: gates', 'name: gates\n  summary: "a\\0b"');
    const read = described(await readUnit('modulemd', nul));
    assert.equal(read.fields.summary, 'a\ufffdb');
  });

  it('are read in no more time than there are of them, and never twice (T81)', async () => {
    const many = Array.from({ length: 40_000 }, (_, index) => `  k${index}:\n`).join('');
    const began = performance.now();
    described(await readUnit('modulemd', module + many));
    // Each compared with all before it, they take minutes.
    assert.ok(performance.now() - began < 15_000);
    const twice = module.replace('  stream:', '  name: gates\n  stream:');
    assert.match(refused(await readUnit('modulemd', twice)), /a name twice/);
  });
});

const module = `document: modulemd
version: 2
data:
  name: gates
  stream: "1.10"
  version: 20261101
  context: c0ffee
  arch: x86_64
  artifacts:
    rpms: ['gate-0:1.0-1.x86_64']
`;

const defaults = `document: modulemd-defaults
version: 1
data:
  module: gates
  stream: "1.10"
  profiles:
    "1.10": [common]
`;

async function readUnit(
  type: string,
  bytes: string | undefined,
  fields: Parameters<typeof givenUnit>[2] = {},
): Promise<UnitDescription | UnitRefusal> {
  using directory = temporaryDirectory();
  const read = await unitType(type)?.read(givenUnit(directory, bytes, fields));
  assert.ok(read !== undefined, `there is no type ${type}`);
  return read;
}

function described(read: UnitDescription | UnitRefusal): UnitDescription {
  assert.ok('fields' in read, JSON.stringify(read));
  return read;
}

function refused(read: UnitDescription | UnitRefusal): string {
  assert.ok('refused' in read, `it was taken: ${JSON.stringify(read)}`);
  return read.refused;
}
