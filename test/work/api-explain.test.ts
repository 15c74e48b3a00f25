import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import { DeniedCertificates } from '../../src/people/denied-certificates.ts';
import { Tokens } from '../../src/tokens/tokens.ts';
import { createControlPlane } from '../../src/work/control-plane.ts';
import { makeList } from '../revocation/list-maker.ts';
import {
  administer,
  asAdministrator,
  type ControlPlaneDirectory,
  configurationIn,
  controlPlaneDirectory,
} from '../support/administered.ts';
import { basic } from '../support/application.ts';
import { version3 } from '../support/entitlement-extensions.ts';
import { type Credential, createPki, type Pki } from '../support/pki.ts';
import { until } from '../support/processes.ts';
import { presented } from '../support/stored-people.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { terms } from '../tokens/token-fixture.ts';
import { type RunningWork, runWork, written } from './running-work.ts';

// biome-ignore lint/suspicious/noExplicitAny: what JSON gives, which each test looks at.
type Body = any;

const guarded = '/pulp/repos/guarded/file.txt';
const entitled = '/pulp/repos/content/9/os/file.txt';

describe('explaining by the API, in a pool with content', () => {
  let pki: Pki;
  let directory: ControlPlaneDirectory;
  let running: RunningWork;
  let client: Credential;
  before(async () => {
    pki = createPki();
    directory = controlPlaneDirectory();
    const ca = await pki.authority({ subject: '/CN=root' });
    client = await pki.client(ca, {
      subject: '/CN=one',
      extensions: version3('/content/$releasever/os'),
    });
    writeFileSync(pki.file('list.crl'), await makeList(ca, { number: 5n }));
    writeFileSync(directory.file('users'), `alice:${await hashPassword('wonderland')}\n`);
    const base = written(directory, { roles: ['content', 'api'], audit: { inStore: true } });
    const root = directory.file('root');
    const certificate = { ca: ca.certificatePath, crl: pki.file('list.crl') };
    const password = { file: 'users', overPlainHttp: true };
    const text = {
      ...base,
      distributions: [
        { relativeUrl: 'guarded', root, access: { any: [{ certificate }, { password }] } },
        { relativeUrl: 'content/9/os', root, access: { entitlement: { ca: ca.certificatePath } } },
      ],
    };
    await administer(await configurationIn(directory, text));
    running = await runWork(directory, text);
  });
  after(async () => {
    await running[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
    pki[Symbol.dispose]();
  });

  const explain = async (body: object): Promise<Body> => {
    const answer = await running.call('POST', '/pulp/api/v2/access/explain/', {
      authorization: asAdministrator,
      body: JSON.stringify(body),
    });
    assert.equal(answer.status, 200, answer.body.toString());
    return JSON.parse(answer.body.toString());
  };
  const ask = (target: string, ...more: readonly (readonly [string, string])[]) =>
    uwsgiRequest({ path: directory.file('uwsgi.sock') }, getVariables(target, more));

  it('explain shows the chain, the lists, the deny-list, and what is remembered', async () => {
    const fresh = await explain({ url: guarded, certificate: client.certificate, secure: false });
    const [rule] = fresh.tree.children;
    assert.deepEqual([fresh.status, rule.remembered], [200, null]);
    const { chain, revocation, deny_list: denyList, is_valid: isValid } = rule.certificate;
    assert.deepEqual([isValid, denyList], [true, 'not listed']);
    assert.deepEqual(
      chain.map((link: Body) => link.subject),
      ['CN=one', 'CN=root'],
    );
    assert.deepEqual([revocation.is_checked, revocation.within_seconds], [true, 5]);
    assert.match(revocation.not_on, /list\.crl, number 5/);
    // What explain plays is remembered for nobody; what a client asks is.
    assert.equal((await ask(guarded, ['SSL_CLIENT_CERT', client.certificate])).status, 200);
    const again = await explain({
      ...{ url: guarded, certificate: client.certificate, secure: false },
      address: '127.0.0.1',
    });
    const { outcome, seconds } = again.tree.children[0].remembered;
    assert.equal(outcome, 'allow');
    assert.ok(seconds > 0 && seconds <= 60);
  });

  it('explain says by which path an entitlement grants, or why by none', async () => {
    const granted = await explain({ url: entitled, certificate: client.certificate });
    assert.deepEqual(granted.tree.certificate.grant, {
      is_granted: true,
      by: '/content/$releasever/os',
      reason: null,
    });
    const stranger = await explain({ url: entitled });
    assert.deepEqual([stranger.status, stranger.tree.certificate], [403, null]);
  });

  it('explain says within the bound that a certificate was denied', async () => {
    const configuration = await configurationIn(directory, {
      ...written(directory, { roles: ['content', 'api'] }),
    });
    await using controlPlane = createControlPlane(configuration, 'write');
    const denied = new DeniedCertificates(await controlPlane.store(), () => new Date());
    const { fingerprint } = presented(client.certificate);
    await denied.add({ fingerprint }, { reason: 'lost', by: 'admin' });
    let refused: Body;
    await until('the denial has reached the worker', async () => {
      refused = await explain({ url: entitled, certificate: client.certificate });
      return refused.status !== 200;
    });
    assert.deepEqual([refused.status, refused.tree.certificate.deny_list], [403, 'listed']);
    assert.match(refused.reason, /it is on the deny-list of the store: lost/);
    await denied.remove(`sha256:${fingerprint}`);
  });

  it('T52 guesses by explaining keep no client waiting', async () => {
    for (let index = 0; index < 15; index += 1) {
      await explain({
        url: guarded,
        user: 'alice',
        password: `wrong ${index}`,
        address: '127.0.0.1',
      });
    }
    const right = ['HTTP_AUTHORIZATION', basic('alice', 'wonderland')] as const;
    assert.equal((await ask(guarded, right)).status, 200);
  });
});

describe('explaining by the API, in a pool without content', () => {
  it('explain answers by the policies of content, and says why it cannot while they cannot be opened', async () => {
    using directory = controlPlaneDirectory();
    const base = written(directory, { roles: ['api'] });
    const root = directory.file('root');
    const access = { password: { file: 'users' } };
    const text = { ...base, distributions: [{ relativeUrl: 'guarded', root, access }] };
    await administer(await configurationIn(directory, text));
    await using running = await runWork(directory, text);
    const call = async (): Promise<readonly [number, Body]> => {
      const answer = await running.call('POST', '/pulp/api/v2/access/explain/', {
        authorization: asAdministrator,
        body: JSON.stringify({ url: guarded, user: 'alice' }),
      });
      return [answer.status, JSON.parse(answer.body.toString())];
    };
    const [status, failure] = await call();
    assert.equal(status, 503);
    assert.match(
      failure.error_message,
      /cannot be opened in this worker of the API: distributions\[0\]/,
    );
    writeFileSync(directory.file('users'), `alice:${await hashPassword('wonderland')}\n`);
    const [later, explanation] = await call();
    assert.deepEqual(
      [later, explanation.status, explanation.request.password],
      [200, 200, 'assumed'],
    );
  });
});

describe('explaining what a token may', () => {
  it('explain charges nothing, however often it plays a token', async () => {
    using directory = controlPlaneDirectory();
    const base = written(directory, { roles: ['content', 'api'] });
    const root = directory.file('root');
    const text = {
      ...base,
      distributions: [{ relativeUrl: 'guarded', root, access: { token: { overPlainHttp: true } } }],
    };
    const configuration = await configurationIn(directory, text);
    await administer(configuration);
    await using running = await runWork(directory, text);
    await using controlPlane = createControlPlane(configuration, 'write');
    const store = await controlPlane.store();
    const tokens = new Tokens(store, () => new Date());
    const made = await tokens.create(terms({ downloadsMax: 1 }), 'admin');
    assert.ok(made.outcome === 'created');
    const { secret } = made;
    for (let round = 0; round < 3; round += 1) {
      const answer = await running.call('POST', '/pulp/api/v2/access/explain/', {
        authorization: asAdministrator,
        body: JSON.stringify({ url: guarded, token: secret }),
      });
      const body = answer.body.toString();
      assert.equal(JSON.parse(body).status, 200, body);
      assert.equal(body.includes(secret), false);
    }
    const bearer = [['HTTP_AUTHORIZATION', `Bearer ${secret}`]] as const;
    const socket = { path: directory.file('uwsgi.sock') };
    assert.equal((await uwsgiRequest(socket, getVariables(guarded, bearer))).status, 200);
    assert.equal(JSON.stringify(running.log).includes(secret), false);
  });
});
