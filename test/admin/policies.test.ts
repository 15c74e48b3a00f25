/** `portcullis-admin policy …` with the real API. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, it } from 'node:test';
import { policyFileBytesMax } from '../../src/policies/policy-file.ts';
import { open } from '../api/test-play.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { asAdmin, testWithRealApi } from './real-commands.ts';

const directory = temporaryDirectory();
after(() => directory[Symbol.dispose]());

function file(name: string, text: string): string {
  const path = directory.file(name);
  writeFileSync(path, text);
  return path;
}

testWithRealApi('policies', (given) => {
  const policy = (...words: string[]) => [...asAdmin, 'policy', ...words];

  it('portcullis-admin makes, shows, changes and deletes a policy', async () => {
    const { ok, run, refused } = given();
    const tree = file(
      'staff.yaml',
      'access:\n  any:\n    - public\n    - address: { allow: [10.0.0.0/8] }\n',
    );
    const id = ['--policy-id', 'staff'];
    assert.equal(
      await ok(...policy('create', ...id, '--file', tree, '--description', 'us')),
      'Policy [staff] successfully created\n',
    );
    assert.match(await ok(...policy('list')), /^staff +store +us /m);
    assert.match(await ok(...policy('list')), /^configured +configuration +- /m);
    const shown = await run(policy('show', ...id));
    assert.equal(
      shown.out,
      'access:\n  any:\n    - public\n    - address:\n        allow:\n          - 10.0.0.0/8\n',
    );
    assert.match(shown.err, /^It is of the store, and referred to by nobody\.$/m);
    const again = file('again.yaml', shown.out);
    assert.match(await ok(...policy('update', ...id, '--file', again)), /successfully updated/);
    await refused(64, /give --file or --description/, ...policy('update', ...id));
    assert.match(await ok(...policy('delete', ...id)), /successfully deleted/);
    await refused(65, /staff \(policy\)/, ...policy('delete', ...id));
  });

  it('portcullis-admin sets, shows and clears who may read a distribution', async () => {
    const { ok, run, refused } = given();
    const where = ['--distribution', 'acme/el9'];
    const tree = file(
      'access.json',
      '{"access": "public", "paths": [{"path": "a", "access": {"not": "public"}}]}',
    );
    assert.equal(
      await ok(...policy('access', 'set', ...where, '--file', tree)),
      'Access of [acme/el9] successfully set\n',
    );
    assert.match(await ok(...policy('access', 'list')), /^acme\/el9 +of the store +2/m);
    assert.match(await ok(...policy('access', 'list')), /^fixed +of the configuration/m);
    assert.match(await ok(...policy('access', 'list')), /^x +nobody/m);
    const shown = await run(policy('access', 'show', ...where));
    assert.equal(
      shown.out,
      'access: public\npaths:\n  - path: a\n    access:\n      not: public\n',
    );
    assert.match(await ok(...policy('access', 'clear', ...where)), /successfully cleared/);
    const configured = await run(policy('access', 'show', '--distribution', 'fixed'));
    assert.deepEqual(
      [configured.out, configured.err],
      ['', 'The access of fixed: of the configuration.\n'],
    );
    const fixed = ['--distribution', 'fixed', '--file', tree];
    await refused(65, /it is changed there/, ...policy('access', 'set', ...fixed));
  });

  it('portcullis-admin previews an access that is not saved', async () => {
    const { ok, json, refused } = given();
    const tree = file('preview.yaml', 'access: { address: { allow: [10.0.0.0/8] } }\n');
    const preview = [...policy('preview'), '--file', tree, '--url', open];
    assert.equal((await json(...preview, '--address', '10.1.2.3')).status, 200);
    const shown = await ok(...preview, '--address', '192.0.2.1');
    assert.match(shown, /^Status: +403$/m);
    assert.match(shown, /address \(deny\): the address 192\.0\.2\.1 is in no allowed range/);
    const wrong = file('none.yaml', 'access: nothing\n');
    await refused(65, /access\.nothing/, ...policy('preview'), '--file', wrong, '--url', open);
  });

  it('portcullis-admin tells where a tree is wrong, and sends no file that is none', async () => {
    const { refused } = given();
    const where = ['--distribution', 'acme/el9', '--file'];
    const wrong = file(
      'wrong.yaml',
      'access: { any: [public, { password: { file: /etc/passwd } }] }\n',
    );
    await refused(65, /access\.any\[1\]\.password/, ...policy('access', 'set', ...where, wrong));
    for (const [name, text, problem] of [
      ['other.yaml', 'policy: x\n', /mapping of access and paths/],
      ['list.yaml', '[a]\n', /mapping/],
      ['broken.yaml', 'access: [\n', /broken\.yaml:/],
      ['empty.yaml', '', /it is empty/],
      ['large.yaml', `access: ${'x'.repeat(policyFileBytesMax)}`, /1048576/],
    ] as const) {
      await refused(66, problem, ...policy('access', 'set', ...where, file(name, text)));
    }
  });
});
