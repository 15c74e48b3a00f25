import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commands } from '../../src/admin/commands.ts';
import type { ConfigOptions } from '../../src/admin/families/config-options.ts';
import { repositoryFamilies } from '../../src/admin/families/family-commands.ts';
import {
  distributorType,
  importerType,
  repositoryTypes,
} from '../../src/repository-types/all-types.ts';
import type { ReadConfig } from '../../src/repository-types/repository-type.ts';

/** Names that a configuration may not have. */
function unsupportedOf(read: ReadConfig): readonly string[] {
  const problems = 'problems' in read ? read.problems : [];
  return problems.filter(({ kind }) => kind === 'unsupported').map(({ property }) => property);
}

describe('repositoryFamilies', () => {
  it('repositoryFamilies have the types of the server, with all their units, importers and distributors', () => {
    const ofServer = repositoryTypes.map((type) => ({
      word: type.name,
      units: type.unitTypes.map(({ id }) => id).sort(),
      importers: type.importers.map(({ id }) => id),
      distributors: type.distributors.map(({ id }) => id),
    }));
    const here = repositoryFamilies.map(({ word, units, importer, distributor, exporter }) => ({
      word,
      units: units.flatMap(({ typeIds }) => typeIds).sort(),
      importers: importer === undefined ? [] : [importer.id],
      distributors: exporter === undefined ? [distributor.id] : [distributor.id, exporter],
    }));
    assert.deepEqual(here, ofServer);
  });

  it('repositoryFamilies have no option that the server does not know', () => {
    const everyOption = (options: ConfigOptions) =>
      Object.fromEntries(Object.values(options).map(({ key }) => [key, 'x']));
    for (const { importer, distributor } of repositoryFamilies) {
      const config = everyOption(distributor.options);
      const read = distributorType(distributor.id)?.readConfig(config);
      assert.deepEqual(read && unsupportedOf(read), []);
      if (importer === undefined) continue;
      const imported = importerType(importer.id)?.readConfig(everyOption(importer.options));
      assert.deepEqual(imported && unsupportedOf(imported), []);
    }
  });

  it('repositoryFamilies give every type of units its commands', () => {
    const paths = new Set(commands.map(({ path }) => path.join(' ')));
    for (const { word, units } of repositoryFamilies) {
      for (const { words } of units) {
        for (const own of Object.values(words)) {
          assert.ok(paths.has([word, 'repo', ...own].join(' ')), own.join(' '));
        }
      }
    }
    assert.equal(paths.size, commands.length, 'no two commands have the same words');
  });
});
