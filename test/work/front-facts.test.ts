import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { it } from 'node:test';
import { openFrontFacts } from '../../src/work/front-facts.ts';
import { createPki } from '../support/pki.ts';
import { configurationOf } from '../support/stored-people.ts';
import { temporaryDirectory } from '../support/temporary.ts';

it('gives consumers the name of the front and its CAs, and never a key beside them', async () => {
  using pki = createPki();
  using directory = temporaryDirectory();
  const { certificate } = await pki.authority();
  const file = directory.file('front-ca.pem');
  const of = async (api: object) =>
    openFrontFacts(await configurationOf({ api, nginx: { serverName: 'repos.example.com' } }));
  const serverName = 'repos.example.com';
  assert.deepEqual(await of({}), { serverName, authority: undefined });
  writeFileSync(file, `# Ours\n${certificate}`);
  assert.deepEqual(await of({ frontAuthority: file }), { serverName, authority: certificate });
  const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
  for (const [text, expected] of [
    [key + certificate, /PRIVATE KEY|certificate/],
    ['nothing', /no certificate|holds no/],
  ] as const) {
    writeFileSync(file, text);
    const facts = await of({ frontAuthority: file });
    if ('problem' in facts) {
      assert.equal(facts.problem.at, 'api.frontAuthority');
      assert.match(facts.problem.message, expected);
    } else {
      assert.doesNotMatch(facts.authority ?? '', /PRIVATE/);
    }
  }
  const missing = await of({ frontAuthority: directory.file('missing.pem') });
  assert.ok('problem' in missing);
});
