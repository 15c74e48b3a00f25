import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startApplication, type TestApplication, writeTree } from '../support/application.ts';
import { type Credential, createPki, type Pki } from '../support/pki.ts';
import { createScenarioSite, type ScenarioSite, scenarios, urlsOf } from './scenarios.ts';

describe("Pulp 2's scenarios of entitlements", () => {
  let pki: Pki;
  let site: ScenarioSite;
  let application: TestApplication;
  before(async () => {
    pki = createPki();
    writeTree(pki.file('root'), {
      file: 'content',
      '9/x86_64/os/file': 'content',
      '9/x86_64/debug/file': 'content',
    });
    site = await createScenarioSite(pki, pki.file('root'));
    const access = site.accessBy('own');
    application = await startApplication({
      distributions: [
        ...site.distributions,
        { relativeUrl: 'tree', root: pki.file('root'), access },
      ],
    });
  });
  after(async () => {
    await application[Symbol.asyncDispose]();
    pki[Symbol.dispose]();
  });

  const statusOf = async (path: string, certificate: Credential | undefined) => {
    const shown = [['SSL_CLIENT_CERT', certificate?.certificate ?? '']] as const;
    return (await application.get(path, shown)).status;
  };
  const reasonOf = () => String(application.lastRequest()?.reason);

  for (const [index, { number, sentence, shown, statusOfX, statusOfY }] of scenarios.entries()) {
    it(`scenario ${number}: ${sentence} gives ${statusOfX} for X and ${statusOfY} for Y`, async () => {
      const { x, y } = urlsOf(index);
      const certificate = site.certificateOf(shown);
      assert.equal(await statusOf(`/pulp/repos/${x}/file`, certificate), statusOfX);
      assert.equal(await statusOf(`/pulp/repos/${y}/file`, certificate), statusOfY);
    });
  }

  it('scenario 13: variables give what is at a matching URL, and not what is beside it', async () => {
    for (const version of [1, 3] as const) {
      const certificate = await site.issue(version, '/tree/$releasever/$basearch/os');
      assert.equal(await statusOf('/pulp/repos/tree/9/x86_64/os/file', certificate), 200);
      assert.equal(await statusOf('/pulp/repos/tree/9/x86_64/debug/file', certificate), 403);
    }
  });

  it('scenario 14: a path that ends in a variable and a slash gives what is below', async () => {
    const certificate = await site.issue(1, '/tree/9/$basearch/');
    assert.equal(await statusOf('/pulp/repos/tree/9/x86_64/os/file', certificate), 200);
    assert.equal(await statusOf('/pulp/repos/tree/file', certificate), 403);
  });

  it('scenario 15: the check of the CA cannot be switched off', async () => {
    for (const options of [null, {}, { verify_ssl: false }, { ca: 'x', verify_ssl: false }]) {
      const distributions = [
        { relativeUrl: 'x', root: pki.file('root'), access: { entitlement: options } },
      ];
      await assert.rejects(startApplication({ distributions }), /entitlement/);
    }
  });

  it('scenario 16: who fails the check of the CA is not asked for an entitlement', async () => {
    const { x } = urlsOf(scenarios.findIndex(({ number }) => number === 2));
    const certificate = site.certificateOf('full of other');
    assert.equal(await statusOf(`/pulp/repos/${x}/file`, certificate), 403);
    assert.match(reasonOf(), /is not accepted under .*: its issuer CN=other is not among/);
  });

  it('scenario 17 and 18: without a certificate, or a front that says of one, the reason is logged', async () => {
    const path = `/pulp/repos/${urlsOf(0).x}/file`;
    assert.equal(await statusOf(path, undefined), 403);
    assert.equal(reasonOf(), 'no client certificate was presented');
    assert.equal((await application.get(path)).status, 403);
    assert.equal(reasonOf(), 'no client certificate was presented');
  });

  it('scenario 19: what is compared begins behind the prefix, whichever it is', async () => {
    const { x } = urlsOf(0);
    const certificate = site.certificateOf('full of own');
    assert.equal(await statusOf(`/pulp/repos/${x}/file`, certificate), 200);
    assert.equal(await statusOf(`/pulp/isos/${x}/file`, certificate), 200);
    assert.equal(await statusOf(`/pulp/other/${x}/file`, certificate), 404);
    assert.equal(await statusOf(`/${x}/file`, certificate), 404);
    await using configured = await startApplication({
      content: { prefixes: ['/pulp/other/'] },
      distributions: site.distributions,
    });
    const shown = [['SSL_CLIENT_CERT', certificate?.certificate ?? '']] as const;
    assert.equal((await configured.get(`/pulp/other/${x}/file`, shown)).status, 200);
    assert.equal((await configured.get(`/pulp/repos/${x}/file`, shown)).status, 404);
  });

  it('scenario 20: an identity certificate is denied as none', async () => {
    const { x } = urlsOf(0);
    assert.equal(
      await statusOf(`/pulp/repos/${x}/file`, site.certificateOf('identity of own')),
      403,
    );
    assert.match(reasonOf(), /grants nothing: it is not an entitlement certificate$/);
  });

  it('T24 a repository is matched by whole segments: no listing of a name opens another', async () => {
    const certificate = await site.issue(3, '/scenario-0/x');
    assert.equal(await statusOf('/pulp/repos/scenario-0/x/file', certificate), 200);
    assert.equal(await statusOf('/pulp/repos/scenario-1/x/file', certificate), 403);
    assert.equal(await statusOf('/pulp/repos/scenario-10/x/file', certificate), 403);
    assert.equal(await statusOf('/pulp/repos/tree/scenario-0/x/file', certificate), 403);
  });
});
