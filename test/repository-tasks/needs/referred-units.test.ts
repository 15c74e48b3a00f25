import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packageLabel, referredBy } from '../../../src/repository-tasks/needs/referred-units.ts';

describe('what metadata refers to', () => {
  it('is every package of a group, the conditional ones by their own names', () => {
    const { names } = referredBy({
      type: 'package_group',
      fields: {
        ...{ mandatory_package_names: ['m'], default_package_names: ['d'] },
        ...{ optional_package_names: ['o'], conditional_package_names: [['c', 'if-this']] },
      },
    });
    assert.deepEqual(names, ['m', 'd', 'o', 'c']);
  });

  it('is the very versions of a module, whose names may have hyphens and dots', () => {
    const artifacts = ['perl-libs.x-4:5.30.1-452.el8.x86_64', 'no label', 'a-1-1.noarch', 7];
    const { packages } = referredBy({ type: 'modulemd', fields: { artifacts } });
    assert.deepEqual(packages.map(packageLabel), ['perl-libs.x-4:5.30.1-452.el8.x86_64']);
  });

  it('is nothing of what has another shape, or of units that refer to nothing', () => {
    const nothing = { packages: [], names: [], groups: [] };
    for (const wrong of [null, 'x', 1, {}, [null], [[]]]) {
      const fields = { pkglist: wrong, packagegroupids: wrong, group_ids: wrong, artifacts: wrong };
      for (const type of ['erratum', 'package_category', 'package_environment', 'modulemd']) {
        assert.deepEqual(referredBy({ type, fields }), nothing, type);
      }
    }
    assert.deepEqual(referredBy({ type: 'iso', fields: {} }), nothing);
  });
});
