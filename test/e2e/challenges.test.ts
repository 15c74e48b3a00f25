/** 401 with two challenges, through nginx: clients that know passwords alone go on as they did. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { issuer, makeKey, makeToken, writeKeySet } from '../auth-plugins/jwt/token-fixture.ts';
import { startNginx } from '../support/nginx.ts';
import { startPortcullis } from '../support/portcullis.ts';
import { freePort, runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { dnfInstall } from './dnf.ts';
import { curl, type Identity } from './downloaders.ts';
import { renderNginx } from './fronts.ts';
import { createSite, needsForSite, packageName, type Site } from './site.ts';

describe('challenges through nginx', { skip: needsForSite('curl', 'dnf', 'nginx') }, () => {
  const stack = new AsyncDisposableStack();
  let site: Site;
  let bearer: string;
  let base: string;

  before(async () => {
    site = stack.use(await createSite());
    const directory = stack.use(temporaryDirectory());
    const key = await makeKey('one');
    bearer = await makeToken(key, { exp: Math.floor(Date.now() / 1000) + 3600 });
    const port = await freePort();
    const { certificatePath: certificate, keyPath } = site.server;
    const jwksFile = writeKeySet(directory.file('jwks.json'), key.jwk);
    const jwt = { issuer, audience: 'portcullis', algorithms: ['ES256'], jwksFile };
    const password = { file: site.pki.file('htpasswd') };
    const portcullis = stack.use(
      await startPortcullis({
        listen: {
          uwsgi: { address: `unix:${directory.file('p.sock')}`, handOff: 'x-accel-redirect' },
        },
        nginx: {
          listen: [`127.0.0.1:${port}`],
          ...{ certificate, key: keyPath, refusalLog: directory.file('refusals.log') },
        },
        distributions: [
          { relativeUrl: 'either', root: site.root, access: { any: [{ jwt }, { password }] } },
        ],
      }),
    );
    stack.use(await startNginx(await renderNginx(portcullis)));
    base = `https://localhost:${port}/pulp/repos/either/`;
  });
  after(() => stack.disposeAsync());

  const get = (identity: Identity = {}, ...more: readonly string[]) =>
    curl(site, `${base}repodata/repomd.xml`, identity, ...more);

  it('asks for either, and says of a bad token that it is one', async () => {
    const fields = async (...more: readonly string[]) => {
      const { status, head } = await get({}, ...more);
      assert.equal(status, 401);
      return head.filter((line) => /^www-authenticate:/i.test(line)).map((line) => line.slice(18));
    };
    const basic = 'Basic realm="Portcullis", charset="UTF-8"';
    assert.deepEqual(await fields(), [basic, 'Bearer realm="Portcullis"']);
    assert.deepEqual(await fields('--header', 'Authorization: Bearer a.b.c'), [
      basic,
      'Bearer realm="Portcullis", error="invalid_token"',
    ]);
  });

  it('lets in curl by a token, and by a password that it sends at once or when it is asked', async () => {
    const login = { user: site.user, password: site.password };
    assert.equal((await get({}, '--oauth2-bearer', bearer)).status, 200);
    assert.equal((await get({ login })).status, 200);
    const asked = await runOk('curl', [
      ...['--silent', '--anyauth', '--user', `${site.user}:${site.password}`],
      ...['--cacert', site.serverCa, '--output', '/dev/null', '--write-out', '%{http_code}'],
      `${base}repodata/repomd.xml`,
    ]);
    assert.equal(asked.toString(), '200');
  });

  it('lets in dnf by a password', async () => {
    const login = { user: site.user, password: site.password };
    const result = await dnfInstall(site, base, { login }, packageName);
    assert.ok(result.installed.includes(packageName), result.stderr.toString());
  });
});
