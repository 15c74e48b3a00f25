import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { plugin } from '../../auth-plugins/entitlement/index.ts';
import { fingerprintOf } from '../../src/identity/certificate.ts';
import type { CanonicalPath, Voucher } from '../../src/model.ts';
import { parseCertificatePem } from '../../src/pem.ts';
import type { Authorizer } from '../../src/plugin.ts';
import { testAuthorizer } from '../contracts/authorizer.ts';
import { makeList } from '../revocation/list-maker.ts';
import {
  entitlementOids,
  text,
  version1,
  version3,
  withPayload,
} from '../support/entitlement-extensions.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { replaceText, resign } from '../support/resign.ts';
import { testServices } from '../support/services.ts';

const pki = createPki();
const fixtures = path.join(import.meta.dirname, '../fixtures/entitlement');
let root: Credential;
let client: Credential;
before(async () => {
  root = await pki.authority({ subject: '/O=Acme/CN=root' });
  pki.write('ca.pem', root.certificate);
  client = await entitled(version3('/content/$releasever/os', '/acme/el9'));
});
after(() => pki[Symbol.dispose]());

const entitled = (extensions: Readonly<Record<string, string>>, notAfter?: Date) =>
  pki.client(root, {
    subject: '/O=Acme/CN=one',
    extensions,
    ...(notAfter === undefined ? {} : { notAfter }),
  });

testAuthorizer({
  plugin,
  options: () => ({ ca: 'ca.pem' }),
  services: () => testServices(pki.directory),
  wrongOptions: [
    { ca: '' },
    { ca: 5 },
    { ca: ['ca.pem'] },
    { ca: 'ca.pem', crl: '' },
    { ca: 'ca.pem', deny: {} },
  ],
});

interface Asked {
  readonly distribution?: string;
  readonly inside?: string;
  readonly ca?: string;
  readonly sent?: readonly Credential[];
  readonly vouchedBy?: Voucher;
  readonly now?: Date;
}

async function decide(presented: Pick<Credential, 'der'>, asked: Asked = {}) {
  const { distribution = 'acme/el9', inside = '/repodata/repomd.xml', ca = 'ca.pem' } = asked;
  const services = testServices(pki.directory, () => asked.now ?? new Date());
  const authorizer = await plugin.create(plugin.parseOptions({ ca }), services);
  return authorizer.authorize(requestOf(presented, { ...asked, distribution, inside }), signal);
}

const acme = { distribution: 'acme/el9', inside: '/x' };
const { signal } = new AbortController();

function requestOf(presented: Pick<Credential, 'der'>, asked: Asked) {
  const { distribution = '', inside = '', sent = [], vouchedBy = 'front' } = asked;
  const certificate = {
    der: presented.der,
    fingerprint: fingerprintOf(presented.der),
    intermediates: sent.map(({ der }) => der),
    vouchedBy,
  };
  return accessRequest({
    distribution,
    pathInDistribution: inside,
    path: `/pulp/repos/${distribution}${inside}` as CanonicalPath,
    evidence: evidence({ certificate }),
  });
}

async function denied(presented: Pick<Credential, 'der'>, expected: RegExp, asked: Asked = {}) {
  const decision = await decide(presented, asked);
  assert.ok(decision.outcome === 'deny', decision.outcome);
  assert.match(decision.reason, expected);
  assert.doesNotMatch(decision.reason, /\p{Cc}/u);
  assert.deepEqual(Object.keys(decision), ['outcome', 'reason']);
}

describe('entitlement', () => {
  it('T07 lets in by the fingerprint, and says which path grants', async () => {
    assert.deepEqual(await decide(client), {
      outcome: 'allow',
      principal: {
        kind: 'certificate',
        name: fingerprintOf(client.der),
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
      const credential = await entitled(extensions);
      for (const [distribution, inside, outcome] of [
        ['acme/el9', '/x86_64/os/repodata/repomd.xml', 'allow'],
        ['acme/el9/x86_64/os', '/repodata/repomd.xml', 'allow'],
        ['acme/el9/x86_64', '/os', 'allow'],
        ['acme/el9/x86_64/osx', '/repodata/repomd.xml', 'deny'],
        ['acme/el9', '/x86_64/debug/x', 'deny'],
        ['acme/el9', '/', 'deny'],
        ['other/el9', '/x86_64/os/x', 'deny'],
      ] as const) {
        const decision = await decide(credential, { distribution, inside });
        assert.equal(decision.outcome, outcome, `${distribution}${inside}`);
      }
    }
  });

  it('remembers for the distribution only what grants all of it', async () => {
    const scopeOf = async (distribution: string, inside: string) => {
      const decision = await decide(client, { distribution, inside });
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
    const short = await entitled(version3('/acme/el9'), end);
    const at = async (seconds: number) => {
      const decision = await decide(short, { now: new Date(end.getTime() - seconds * 1000) });
      assert.ok(decision.outcome === 'allow');
      return decision.remember?.seconds;
    };
    assert.equal(await at(30), 30);
    assert.equal(await at(0.5), 0.5);
    assert.equal(await at(0), undefined);
    assert.equal(await at(61), 60);
  });

  it('denies with sentences that an operator understands', async () => {
    await denied(
      client,
      /^the certificate of O=Acme,CN=one does not grant this path: none of its paths leads there; the nearest is \/content\/\$releasever\/os$/,
      { distribution: 'content/9/debug' },
    );
    const identity = await entitled({});
    const product = await entitled({ [entitlementOids.product]: text('Product') });
    for (const other of [identity, product]) {
      await denied(
        other,
        /^the certificate of O=Acme,CN=one grants nothing: it is not an entitlement certificate$/,
      );
    }
    const none = await entitled(version1());
    await denied(none, /does not grant this path: it grants nothing at all$/);
    const request = accessRequest();
    const rule = await plugin.create(
      plugin.parseOptions({ ca: 'ca.pem' }),
      testServices(pki.directory),
    );
    assert.deepEqual(await rule.authorize(request, signal), {
      outcome: 'deny',
      reason: 'no client certificate was presented',
    });
  });

  it('T01 believes no certificate that only the client speaks of', async () => {
    await denied(client, /not proved in a TLS handshake/, { vouchedBy: 'client' });
    assert.equal((await decide(client, { vouchedBy: 'connection' })).outcome, 'allow');
  });

  it('verifies the chain before it reads an entitlement', async () => {
    const other = await pki.authority({ subject: '/CN=other' });
    const stranger = await pki.client(other, { extensions: version3('/acme/el9') });
    await denied(stranger, /is not accepted under .*ca\.pem: its issuer CN=other is not among/);
    const past = { notBefore: new Date('2025-01-01'), notAfter: new Date('2026-01-01') };
    const expired = await pki.client(root, { ...past, extensions: version3('/acme/el9') });
    await denied(expired, /it expired on 2026-01-01T00:00:00Z$/);
    const middle = await pki.authority({ subject: '/CN=middle' }, root);
    const leaf = await pki.client(middle, { extensions: version3('/acme/el9') });
    assert.equal((await decide(leaf, { sent: [middle] })).outcome, 'allow');
    await denied(leaf, /its issuer CN=middle is not among/);
  });

  it('T11 goes by revocation lists, and cannot tell without them', async () => {
    const revoked = await pki.client(root, { serial: '0A02', extensions: version3('/acme/el9') });
    const list = await makeList(root, { revoked: [{ serial: '0A02' }], number: 1n });
    writeFileSync(pki.file('list.crl'), list);
    for (const [crl, check] of [
      [
        'list.crl',
        async (rule: Authorizer) => {
          const good = await rule.authorize(requestOf(client, acme), signal);
          assert.ok(good.outcome === 'allow');
          assert.match(
            good.principal?.label ?? '',
            /^O=Acme,CN=one, entitled by \/acme\/el9, not on /,
          );
          const bad = await rule.authorize(requestOf(revoked, acme), signal);
          assert.ok(bad.outcome === 'deny');
          assert.match(bad.reason, /its serial number a02 is on the revocation list/);
        },
      ],
      [
        'absent.crl',
        async (rule: Authorizer) => {
          const answer = Promise.try(() => rule.authorize(requestOf(client, acme), signal));
          await assert.rejects(answer, { code: 'CANNOT_DECIDE' });
        },
      ],
    ] as const) {
      const services = testServices(pki.directory);
      await using _ = services.revocation;
      await check(await plugin.create(plugin.parseOptions({ ca: 'ca.pem', crl }), services));
    }
  });

  it('refuses an entitlement that is marked as critical, as everything critical that is unknown', async () => {
    const payload = version3('/acme/el9')[entitlementOids.payload];
    const critical = await entitled({
      ...version3('/acme/el9'),
      [entitlementOids.payload]: `critical,${payload}`,
    });
    await denied(critical, /critical/);
  });

  it('T46b takes one version, whose spelling is certain, and never two', async () => {
    const both = { ...version1('acme/one'), ...version3('/acme/three') };
    const mixed = await entitled(both);
    assert.equal((await decide(mixed, { distribution: 'acme/three' })).outcome, 'allow');
    await denied(mixed, /the nearest is \/acme\/three$/, { distribution: 'acme/one' });
    for (const version of [undefined, '1.0', '1', '1.99']) {
      const named = version === undefined ? {} : { [entitlementOids.version]: text(version) };
      const { [entitlementOids.version]: _, ...rest } = both;
      const odd = await entitled({ ...rest, ...named });
      await denied(odd, /of version 1, and has a payload of version 3/, {
        distribution: 'acme/one',
      });
      await denied(odd, /has a payload of version 3/, { distribution: 'acme/three' });
    }
    for (const version of [
      '',
      '0.9',
      '2.0',
      '3.x',
      '03',
      '3.',
      '³',
      '33',
      '3.4.1',
      ' 3.4',
      '3.04',
      '-3',
    ]) {
      const odd = await entitled(withPayload(Buffer.from('x'), version));
      await denied(odd, /neither of version 1 nor of version 3/, { distribution: 'acme/three' });
    }
    const bare = await entitled({ [entitlementOids.version]: text('3.4') });
    await denied(bare, /of version 3, and has no payload/);
  });

  it('T46b refuses a certificate in which an extension is there twice', async () => {
    const first = await entitled({ ...version3('/acme/el9'), '1.3.6.1.4.1.2312.9.9': text('x') });
    const twice = resign(first, root, (parts) => {
      // The last arc of the extension that nobody reads becomes that of the payload.
      const oid = (last: string) => `2b060104019208${'09'}${last}`;
      const hex = parts.extensions.toString('hex').replace(oid('09'), oid('07'));
      parts.extensions = Buffer.from(hex, 'hex');
    });
    assert.notDeepEqual(twice.der, first.der);
    await denied(twice, /its extension 1\.3\.6\.1\.4\.1\.2312\.9\.7 is there twice/);
  });

  it('T46c takes no entitlement from outside of the signed certificate', async () => {
    const data = Buffer.from('{"products":[{"content":[{"path":"/acme/el9"}]}]}').toString(
      'base64',
    );
    const none = await entitled(version3('/other'));
    const block = (name: string) => `-----BEGIN ${name}-----\n${data}\n-----END ${name}-----\n`;
    const file = [none.certificate, block('ENTITLEMENT DATA'), block('RSA SIGNATURE')].join('');
    // No front forwards it; a client that sends it has sent no certificate.
    const presented = parseCertificatePem(file);
    assert.ok('problem' in presented);
    assert.match(presented.problem, /begins or ends a block that is no certificate/);
    const reason = `the client certificate cannot be used: ${presented.problem}`;
    const rule = await plugin.create(
      plugin.parseOptions({ ca: 'ca.pem' }),
      testServices(pki.directory),
    );
    const request = accessRequest({ evidence: evidence({ certificate: { unusable: reason } }) });
    assert.deepEqual(await rule.authorize(request, signal), { outcome: 'deny', reason });
    await denied(none, /does not grant this path/);
  });

  it('T46c refuses a payload that was changed after the signature', async () => {
    const plain = await entitled(version1('acme/other'));
    const der = replaceText(Buffer.from(plain.der), 'acme/other', 'acme/el9/x');
    await denied({ der }, /its issuer O=Acme,CN=root is not among the accepted CAs with the key/, {
      inside: '/x/y',
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
      assert.equal((await decide(read(name), asked)).outcome, 'allow', name);
    }
    for (const name of ['v1-expired', 'v3-expired']) {
      await denied(read(name), /it expired on 2026-11-19T22:30:02Z$/, asked);
    }
    for (const name of ['v1-otherca', 'v3-otherca']) {
      await denied(read(name), /is not accepted under/, asked);
      const otherCa = { ...asked, ca: path.join(fixtures, 'other-ca.pem') };
      assert.equal((await decide(read(name), otherCa)).outcome, 'allow', name);
    }
    await denied(read('identity'), /it is not an entitlement certificate$/, asked);
  });

  it('names the setting that is wrong, and what would be right', async () => {
    for (const [options, message] of [
      [{}, /^ca has to be the path of a file of CA certificates$/],
      [{ ca: 'x', deny: {} }, /^it has no setting "deny"; there are ca and crl$/],
      [{ ca: 'x', crl: 5 }, /^crl has to be the path or the URL of a revocation list/],
      [{ ca: 'x', crl: { lists: 'x', y: 1 } }, /^crl has no setting "y"; there are lists,/],
      ['x', /^it has to be a map with the setting ca$/],
    ] as const) {
      assert.throws(() => plugin.parseOptions(options), { message });
    }
    const absent = Promise.try(() =>
      plugin.create(plugin.parseOptions({ ca: 'absent' }), testServices(pki.directory)),
    );
    await assert.rejects(absent, { code: 'FILE_UNREADABLE' });
  });
});
