import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type ConfiguredDirectory, directoryWith, portcullis } from './program.ts';

function site(): ConfiguredDirectory {
  const directory = directoryWith(`
policies:
  office: { address: { allow: [10.20.0.0/16] } }
distributions:
  - { relativeUrl: acme, root: ., access: { not: public } }
`);
  writeFileSync(directory.file('file'), 'content');
  writeFileSync(directory.file('users'), '');
  return directory;
}

describe('portcullis explain --policy', () => {
  const run = async (policy: string, ...more: readonly string[]) => {
    using directory = site();
    writeFileSync(directory.file('new.yaml'), policy);
    return await portcullis([
      ...['explain', '/pulp/repos/acme/file', '--config', directory.configuration],
      ...['--policy', directory.file('new.yaml'), ...more],
    ]);
  };

  it('portcullis explain --policy plays the request by a policy that is not saved', async () => {
    const policy =
      'access: { any: [{ policy: office }] }\npaths: [{ path: file, access: { policy: office } }]\n';
    const near = await run(policy, '--address', '10.20.0.7', '--json');
    assert.equal(near.code, 0, near.err);
    const { status, tree } = JSON.parse(near.out);
    assert.deepEqual(
      [status, tree.label, tree.at],
      [200, 'policy office', 'paths[0].access.policy'],
    );
    const far = await run(policy, '--address', '192.0.2.7');
    assert.equal(far.code, 1);
    assert.match(far.out, /The client sees 403/);
  });

  it('portcullis explain --policy lets rules have what they may have in the configuration', async () => {
    const played = await run('access: { password: { file: absent } }\n');
    assert.equal(played.code, 78);
    assert.match(played.err, /Cannot preview the policy: access\.password: .*absent/);
  });

  it('portcullis explain --policy tells where a file is wrong', async () => {
    for (const [policy, code, text] of [
      ['access: { any: [] }\n', 78, /access\.any: Cannot use a list: expected/],
      ['any: [public]\n', 66, /it should be a mapping of access and paths/],
      ['access: [\n', 66, /new\.yaml:/],
      ['access: nothing\n', 78, /there is no rule "nothing"/],
      ['access: { policy: absent }\n', 2, /there is no policy "absent"/],
    ] as const) {
      const played = await run(policy);
      assert.equal(played.code, code, played.err);
      assert.match(played.err + played.out, text);
    }
  });
});
