/** `portcullis-admin orphan …` and `server …` with the real API. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Units } from '../../src/repositories/units.ts';
import { runRepositoryTasks } from '../api/repository-fixture.ts';
import type { RunningApi } from '../api/running-api.ts';
import { kept, sha256Of } from '../storage/opened.ts';
import { asAdmin, testWithRealApi } from './real-commands.ts';

const hostile = 'a\u001b[2J\u202e.iso';

testWithRealApi('orphans and types', (given) => {
  const orphan = (...words: readonly string[]) => [...asAdmin, 'orphan', ...words];

  it('portcullis-admin counts, lists and removes what no repository has', async () => {
    const { ok, json, waited, refused, real } = given();
    assert.match(await ok(...orphan('list')), /^None\.$/m);
    const ids: string[] = [];
    for (const name of [hostile, 'b.iso', 'c.iso']) ids.push(await addOrphan(real.api, name));
    assert.match(await ok(...orphan('list')), /^iso +3$/m);
    assert.equal((await json(...orphan('list'))).iso.count, 3);
    const listed = await ok(...orphan('list', '--type', 'iso'));
    assert.match(listed, new RegExp(`^${ids[0]} +iso +.*name=a\\\\u001b\\[2J\\\\u202e\\.iso`, 'm'));
    const details = await ok(...orphan('list', '--details'));
    assert.match(details, new RegExp(`^Id: +${ids[1]}$`, 'm'));
    assert.match(details, /^Name: +c\.iso$/m);
    assert.equal((await json(...orphan('list', '--type', 'iso'))).length, 3);

    const begun = await ok(...orphan('remove', '--type', 'iso', '--unit-id', ids[0] ?? '', '--bg'));
    assert.match(begun, /^The server does it as task \[[\w-]+\]$/m);
    await using _ = await runRepositoryTasks(real.api);
    const one = orphan('remove', '--type', 'iso', '--unit-id', ids[1] ?? '');
    assert.equal(await waited(...one), 'Orphaned units that were removed: 1\n');
    assert.match(await ok(...orphan('list')), /^iso +1$/m);
    const rest = await waited(...orphan('remove', '--type', 'iso'));
    assert.equal(rest, 'Orphaned units that were removed: 1\n');
    for (const name of ['d.iso', 'e.iso']) await addOrphan(real.api, name);
    const [task] = JSON.parse(await waited('--json', ...orphan('remove', '--all')));
    assert.deepEqual([task.state, task.result], ['finished', { iso: 2 }]);
    await refused(65, /iso \(content_type_id\)/, ...one);
  });

  it('portcullis-admin says which orphans there are not', async () => {
    const { refused } = given();
    const which = /^Cannot remove orphans: give --all, --type, or --type with --unit-id; /;
    for (const wrong of [
      [],
      ['--unit-id', 'x'],
      ['--all', '--type', 'iso'],
      ['--all', '--unit-id', 'x'],
    ]) {
      await refused(64, which, ...orphan('remove', ...wrong));
    }
    for (const type of ['nothing', 'a%2Fb', 'a b?c=d#e']) {
      for (const verb of ['list', 'remove']) {
        const line = orphan(verb, `--type=${type}`);
        await refused(65, /^Not Found\n.+\n {2}.+ \(\w+\)\n$/, ...line);
      }
    }
  });

  it('portcullis-admin lists the types of units, importers and distributors', async () => {
    const { ok, json } = given();
    const server = (what: string) => [...asAdmin, 'server', what];
    assert.match(await ok(...server('types')), /^rpm +RPM .*name, epoch, version/m);
    assert.match(await ok(...server('importers')), /^iso_importer +.+ iso$/m);
    assert.match(
      await ok(...server('distributors')),
      /^deb_distributor +Debian Distributor +deb$/m,
    );
    assert.match(await ok(...server('types'), '--details'), /^Unit Key: +name, checksum, size$/m);
    assert.ok((await json(...server('distributors'))).length > 3);
  });
});

async function addOrphan(
  { parts: { store, now }, storage }: RunningApi,
  name: string,
): Promise<string> {
  const bytes = `bytes of ${name}`;
  const [sha256, size] = [sha256Of(bytes), bytes.length];
  const units = new Units(store, now);
  const { unit } = await units.insertPending({
    type: 'iso',
    fields: { name, size, checksum: sha256 },
    unitKey: ['name', 'size', 'checksum'],
    artifact: { sha256, size, filename: name },
  });
  await kept(storage, bytes);
  await units.settle(unit._id, undefined);
  return unit._id;
}
