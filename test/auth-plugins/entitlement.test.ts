import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { plugin } from '../../auth-plugins/entitlement/index.ts';
import { fingerprintOf } from '../../src/identity/certificate.ts';
import { parseCertificatePem } from '../../src/pem.ts';
import { testAuthorizer } from '../contracts/authorizer.ts';
import { entitlementOids, text, version1, version3 } from '../support/entitlement-extensions.ts';
import { accessRequest } from '../support/evidence.ts';
import { testServices } from '../support/services.ts';
import { createEntitlementSite, type EntitlementSite, signal } from './entitlement-fixture.ts';

const fixtures = path.join(import.meta.dirname, '../fixtures/entitlement');
let site: EntitlementSite;
before(async () => {
  site = await createEntitlementSite();
});
after(() => site[Symbol.dispose]());

testAuthorizer({
  plugin,
  options: () => ({ ca: 'ca.pem' }),
  services: () => testServices(site.pki.directory),
  wrongOptions: [
    { ca: '' },
    { ca: 5 },
    { ca: ['ca.pem'] },
    { ca: 'ca.pem', crl: '' },
    { ca: 'ca.pem', deny: {} },
  ],
});

describe('entitlement', () => {
  it('T07 lets in by the fingerprint, and says which path grants', async () => {
    assert.deepEqual(await site.decide(site.client), {
      outcome: 'allow',
      principal: {
        kind: 'certificate',
        name: fingerprintOf(site.client.der),
        label: 'O=Acme,CN=one, entitled by /acme/el9',
      },
      remember: { seconds: 60, scope: 'distribution' },
    });
  });

  it('lets in by version 1 as by version 3, at whole segments', async () => {
    for (const extensions of [
      version1('acme/el9/$basearch/os'),
      version3('/acme/el9/$basearch/os'),
    ]) {
      const credential = await site.entitled(extensions);
      for (const [distribution, inside, outcome] of [
        ['acme/el9', '/x86_64/os/repodata/repomd.xml', 'allow'],
        ['acme/el9/x86_64/os', '/repodata/repomd.xml', 'allow'],
        ['acme/el9/x86_64', '/os', 'allow'],
        ['acme/el9/x86_64/osx', '/repodata/repomd.xml', 'deny'],
        ['acme/el9', '/x86_64/debug/x', 'deny'],
        ['acme/el9', '/', 'deny'],
        ['other/el9', '/x86_64/os/x', 'deny'],
      ] as const) {
        const decision = await site.decide(credential, { distribution, inside });
        assert.equal(decision.outcome, outcome, `${distribution}${inside}`);
      }
    }
  });

  it('remembers for the distribution only what grants all of it', async () => {
    const scopeOf = async (distribution: string, inside: string) => {
      const decision = await site.decide(site.client, { distribution, inside });
      assert.ok(decision.outcome === 'allow', `${distribution}${inside}`);
      return decision.remember?.scope;
    };
    assert.equal(await scopeOf('content/9/os', '/x'), 'distribution');
    assert.equal(await scopeOf('content/9/os/deep', '/x'), 'distribution');
    assert.equal(await scopeOf('content/9', '/os/x'), 'path');
    assert.equal(await scopeOf('content', '/9/os'), 'path');
    assert.equal(await scopeOf('content/9', '/listing'), 'path');
    assert.equal(await scopeOf('content', '/listing'), 'path');
  });

  it('remembers nothing past the end of the chain', async () => {
    const now = new Date(Math.floor(Date.now() / 1000) * 1000);
    const end = new Date(now.getTime() + 30_000);
    const short = await site.entitled(version3('/acme/el9'), end);
    const at = async (seconds: number) => {
      const decision = await site.decide(short, { now: new Date(end.getTime() - seconds * 1000) });
      assert.ok(decision.outcome === 'allow');
      return decision.remember?.seconds;
    };
    assert.equal(await at(30), 30);
    assert.equal(await at(0.5), 0.5);
    assert.equal(await at(0), undefined);
    assert.equal(await at(61), 60);
  });

  it('denies with sentences that an operator understands', async () => {
    await site.denied(
      site.client,
      /^the certificate of O=Acme,CN=one does not grant this path: none of its paths leads there; the nearest is \/content\/\$releasever\/os$/,
      { distribution: 'content/9/debug' },
    );
    const identity = await site.entitled({});
    const product = await site.entitled({ [entitlementOids.product]: text('Product') });
    for (const other of [identity, product]) {
      await site.denied(
        other,
        /^the certificate of O=Acme,CN=one grants nothing: it is not an entitlement certificate$/,
      );
    }
    const none = await site.entitled(version1());
    await site.denied(none, /does not grant this path: it grants nothing at all$/);
    const request = accessRequest();
    const rule = await plugin.create(
      plugin.parseOptions({ ca: 'ca.pem' }),
      testServices(site.pki.directory),
    );
    assert.deepEqual(await rule.authorize(request, signal), {
      outcome: 'deny',
      reason: 'no client certificate was presented',
    });
  });

  it('decides about the certificates that came with the description of the format', async () => {
    const ca = path.join(fixtures, 'ca.pem');
    const now = new Date('2026-12-01T00:00:00Z');
    const read = (name: string) => {
      const pem = parseCertificatePem(
        readFileSync(path.join(fixtures, `certs/${name}.pem`), 'utf8'),
      );
      assert.ok('certificates' in pem && pem.certificates[0] !== undefined);
      return { der: pem.certificates[0] };
    };
    const asked = { ca, now, distribution: 'content/dist/rhel/server/6/6Server/x86_64/os' };
    for (const name of ['v1-basic', 'v3-basic']) {
      assert.equal((await site.decide(read(name), asked)).outcome, 'allow', name);
    }
    for (const name of ['v1-expired', 'v3-expired']) {
      await site.denied(read(name), /it expired on 2026-11-19T22:30:02Z$/, asked);
    }
    for (const name of ['v1-otherca', 'v3-otherca']) {
      await site.denied(read(name), /is not accepted under/, asked);
      const otherCa = { ...asked, ca: path.join(fixtures, 'other-ca.pem') };
      assert.equal((await site.decide(read(name), otherCa)).outcome, 'allow', name);
    }
    await site.denied(read('identity'), /it is not an entitlement certificate$/, asked);
  });

  it('names the setting that is wrong, and what would be right', async () => {
    for (const [options, message] of [
      [{}, /^it has to say by which CAs it goes: set either ca, the path of a file, or caPem/],
      [{ caPem: 'y' }, /^caPem should hold CA certificates in PEM/],
      [{ ca: 'x', deny: {} }, /^it has no setting "deny"; there are ca, caPem, crl and ocsp$/],
      [{ ca: 'x', ocsp: 5 }, /^ocsp has to be true, for the responders that certificates name/],
      [{ ca: 'x', crl: 5 }, /^crl has to be the path or the URL of a revocation list/],
      [{ ca: 'x', crl: { lists: 'x', y: 1 } }, /^crl has no setting "y"; there are lists,/],
      ['x', /^it has to be a map with ca or caPem$/],
    ] as const) {
      assert.throws(() => plugin.parseOptions(options), { message });
    }
    const absent = Promise.try(() =>
      plugin.create(plugin.parseOptions({ ca: 'absent' }), testServices(site.pki.directory)),
    );
    await assert.rejects(absent, { code: 'FILE_UNREADABLE' });
  });
});
