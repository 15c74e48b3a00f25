import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { edgeDecisionSecondsMax } from '../../src/config/settings/nginx.ts';
import { needs } from '../support/needs.ts';
import { createPki } from '../support/pki.ts';
import { directoryWith, portcullis } from './program.ts';

const site = `listen: { uwsgi: { handOff: x-accel-redirect } }
distributions: [{ relativeUrl: a, root: ., access: public }]
`;

describe('portcullis nginx-config --edge-decisions', () => {
  it('portcullis nginx-config has nginx remember as the setting says, without a word', async () => {
    using directory = directoryWith(`${site}nginx: { edgeDecisionSeconds: 5 }`);
    const line = ['nginx-config', '--config', directory.configuration];
    const { code, out, err } = await portcullis(line);
    assert.deepEqual({ code, err }, { code: 0, err: '' });
    assert.match(out, /auth_request /);
    assert.deepEqual(await portcullis([...line, '--edge-decisions', '5s']), { code, out, err });
  });

  it('portcullis nginx-config says where Portcullis would not let nginx remember as long', async () => {
    using directory = directoryWith(site);
    const line = ['nginx-config', '--config', directory.configuration];
    const { code, out, err } = await portcullis([...line, '--edge-decisions', '5s']);
    assert.equal(code, 0);
    assert.match(out, /inactive=5s;/);
    assert.match(err, /^nginx\.edgeDecisionSeconds is 0, and .+; set it to 5\n$/);
  });

  it('portcullis nginx-config takes a time up to its limit, and nothing else', async () => {
    using directory = directoryWith(site);
    const line = ['nginx-config', '--config', directory.configuration, '--edge-decisions'];
    const longest = await portcullis([...line, `${edgeDecisionSecondsMax}s`]);
    assert.equal(longest.code, 0);
    for (const text of [`${edgeDecisionSecondsMax + 1}s`, '5', '0s', 'soon']) {
      const { code, out, err } = await portcullis([...line, text]);
      assert.deepEqual({ code, out }, { code: 64, out: '' }, text);
      assert.match(
        err,
        /^Cannot use --edge-decisions .*: it has to be a time of at most 300s, as 5s\n/,
      );
    }
  });

  it('portcullis check --nginx makes no directory where nginx will keep its decisions', {
    skip: needs('nginx', 'openssl'),
  }, async () => {
    using pki = createPki();
    const server = await pki.server(undefined);
    mkdirSync(pki.file('root'));
    const configuration = pki.write(
      'portcullis.yaml',
      `listen: { uwsgi: { handOff: x-accel-redirect } }
distributions: [{ relativeUrl: a, root: root, access: public }]
nginx:
  certificate: ${server.certificatePath}
  key: ${server.keyPath}
  listen: ['127.0.0.1:47444']
  refusalLog: refusals.log
  decisionCache: decisions
  edgeDecisionSeconds: 5
`,
    );
    const { out: rendered } = await portcullis(['nginx-config', '--config', configuration]);
    const file = pki.write('nginx.conf', rendered);
    const { code, out } = await portcullis(['check', '--config', configuration, '--nginx', file]);
    assert.equal(code, 0, out);
    assert.equal(existsSync(pki.file('decisions')), false);
  });

  it('portcullis check says for how long nginx may remember, and where it can not', async () => {
    using directory = directoryWith(`${site}nginx: { edgeDecisionSeconds: 5 }`);
    const line = ['check', '--config', directory.configuration];
    const right = await portcullis(line);
    assert.match(right.out, /^nginx may remember for 5 s that a client is let in: .+\n/m);
    assert.doesNotMatch(right.out, /warning/);
    const { code, out } = await portcullis([...line, '--listen-uwsgi-hand-off', 'stream']);
    assert.equal(code, 0);
    assert.match(
      out,
      /^warning: .+nginx\.edgeDecisionSeconds: nothing is remembered: no listener/m,
    );
  });
});
