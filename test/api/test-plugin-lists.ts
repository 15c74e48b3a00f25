/** The plug-ins of section 4.4 of the facts about Pulp 2. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { GivenApi } from './contract.ts';

export function testPluginLists(given: () => GivenApi): void {
  // biome-ignore lint/suspicious/noExplicitAny: what JSON gives.
  const get = async (path: string): Promise<any> => given().client.ok(200, 'GET', path);

  it('api lists the types of units, importers and distributors, and shows each', async () => {
    for (const [kind, keys, some] of [
      ['importers', ['_href', 'display_name', 'id', 'types'], ['yum_importer', 'iso_importer']],
      [
        'distributors',
        ['_href', 'display_name', 'id', 'types'],
        ['yum_distributor', 'export_distributor', 'iso_distributor'],
      ],
      [
        'types',
        [
          ...['_href', '_id', '_ns', 'description', 'display_name', 'id'],
          ...['referenced_types', 'search_indexes', 'unit_key'],
        ],
        ['rpm', 'srpm', 'erratum', 'iso'],
      ],
    ] as const) {
      const all = await get(`/v2/plugins/${kind}/`);
      const ids = all.map(({ id }: { id: string }) => id);
      assert.deepEqual(new Set(some).difference(new Set(ids)), new Set(), kind);
      for (const one of all) {
        assert.deepEqual(Object.keys(one).sort(), keys);
        assert.equal(one._href, `/pulp/api/v2/plugins/${kind}/${one.id}/`);
        assert.deepEqual(await get(`/v2/plugins/${kind}/${one.id}/`), one);
      }
    }
    const { types } = await get('/v2/plugins/importers/yum_importer/');
    assert.ok(types.includes('rpm'));
  });

  it('api knows no type of another kind', async () => {
    const { client } = given();
    for (const [path, resources] of [
      ['types/puppet_module', { content_type_id: 'puppet_module' }],
      ['importers/yum_distributor', { importer_type_id: 'yum_distributor' }],
      ['distributors/rpm', { distributor_type_id: 'rpm' }],
    ] as const) {
      const refused = await client.refused(404, 'PLP0009', 'GET', `/v2/plugins/${path}/`);
      assert.deepEqual(refused.resources, resources);
    }
  });
}
