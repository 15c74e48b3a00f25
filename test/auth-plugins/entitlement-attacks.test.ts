import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { plugin } from '../../auth-plugins/entitlement/index.ts';
import { parseCertificatePem } from '../../src/pem.ts';
import type { Authorizer } from '../../src/plugin.ts';
import { makeList } from '../revocation/list-maker.ts';
import {
  entitlementOids,
  text,
  version1,
  version3,
  withPayload,
} from '../support/entitlement-extensions.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import { replaceText, resign } from '../support/resign.ts';
import { testServices } from '../support/services.ts';
import {
  createEntitlementSite,
  type EntitlementSite,
  requestOf,
  signal,
} from './entitlement-fixture.ts';

let site: EntitlementSite;
before(async () => {
  site = await createEntitlementSite();
});
after(() => site[Symbol.dispose]());

describe('entitlement, attacked,', () => {
  it('T01 believes no certificate that only the client speaks of', async () => {
    await site.denied(site.client, /not proved in a TLS handshake/, { vouchedBy: 'client' });
    assert.equal((await site.decide(site.client, { vouchedBy: 'connection' })).outcome, 'allow');
  });

  it('verifies the chain before it reads an entitlement', async () => {
    const other = await site.pki.authority({ subject: '/CN=other' });
    const stranger = await site.pki.client(other, { extensions: version3('/acme/el9') });
    await site.denied(
      stranger,
      /is not accepted under .*ca\.pem: its issuer CN=other is not among/,
    );
    const past = { notBefore: new Date('2025-01-01'), notAfter: new Date('2026-01-01') };
    const expired = await site.pki.client(site.root, {
      ...past,
      extensions: version3('/acme/el9'),
    });
    await site.denied(expired, /it expired on 2026-01-01T00:00:00Z$/);
    const middle = await site.pki.authority({ subject: '/CN=middle' }, site.root);
    const leaf = await site.pki.client(middle, { extensions: version3('/acme/el9') });
    assert.equal((await site.decide(leaf, { sent: [middle] })).outcome, 'allow');
    await site.denied(leaf, /its issuer CN=middle is not among/);
  });

  it('T11 goes by revocation lists, and cannot tell without them', async () => {
    const revoked = await site.pki.client(site.root, {
      serial: '0A02',
      extensions: version3('/acme/el9'),
    });
    const list = await makeList(site.root, { revoked: [{ serial: '0A02' }], number: 1n });
    writeFileSync(site.pki.file('list.crl'), list);
    for (const [crl, check] of [
      [
        'list.crl',
        async (rule: Authorizer) => {
          const good = await rule.authorize(requestOf(site.client), signal);
          assert.ok(good.outcome === 'allow');
          assert.match(
            good.principal?.label ?? '',
            /^O=Acme,CN=one, entitled by \/acme\/el9, not on /,
          );
          const bad = await rule.authorize(requestOf(revoked), signal);
          assert.ok(bad.outcome === 'deny');
          assert.match(bad.reason, /its serial number a02 is on the revocation list/);
        },
      ],
      [
        'absent.crl',
        async (rule: Authorizer) => {
          const answer = Promise.try(() => rule.authorize(requestOf(site.client), signal));
          await assert.rejects(answer, { code: 'CANNOT_DECIDE' });
        },
      ],
    ] as const) {
      const services = testServices(site.pki.directory);
      await using _ = services.revocation;
      await check(await plugin.create(plugin.parseOptions({ ca: 'ca.pem', crl }), services));
    }
  });

  it('refuses an entitlement that is marked as critical, as everything critical that is unknown', async () => {
    const payload = version3('/acme/el9')[entitlementOids.payload];
    const critical = await site.entitled({
      ...version3('/acme/el9'),
      [entitlementOids.payload]: `critical,${payload}`,
    });
    await site.denied(critical, /critical/);
  });

  it('T46b takes one version, whose spelling is certain, and never two', async () => {
    const both = { ...version1('acme/one'), ...version3('/acme/three') };
    const mixed = await site.entitled(both);
    assert.equal((await site.decide(mixed, { distribution: 'acme/three' })).outcome, 'allow');
    await site.denied(mixed, /the nearest is \/acme\/three$/, { distribution: 'acme/one' });
    for (const version of [undefined, '1.0', '1', '1.99']) {
      const named = version === undefined ? {} : { [entitlementOids.version]: text(version) };
      const { [entitlementOids.version]: _, ...rest } = both;
      const odd = await site.entitled({ ...rest, ...named });
      await site.denied(odd, /of version 1, and has a payload of version 3/, {
        distribution: 'acme/one',
      });
      await site.denied(odd, /has a payload of version 3/, { distribution: 'acme/three' });
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
      const odd = await site.entitled(withPayload(Buffer.from('x'), version));
      await site.denied(odd, /neither of version 1 nor of version 3/, {
        distribution: 'acme/three',
      });
    }
    const bare = await site.entitled({ [entitlementOids.version]: text('3.4') });
    await site.denied(bare, /of version 3, and has no payload/);
  });

  it('T46b refuses a certificate in which an extension is there twice', async () => {
    const first = await site.entitled({
      ...version3('/acme/el9'),
      '1.3.6.1.4.1.2312.9.9': text('x'),
    });
    const twice = resign(first, site.root, (parts) => {
      // The last arc of the extension that nobody reads becomes that of the payload.
      const oid = (last: string) => `2b060104019208${'09'}${last}`;
      const hex = parts.extensions.toString('hex').replace(oid('09'), oid('07'));
      parts.extensions = Buffer.from(hex, 'hex');
    });
    assert.notDeepEqual(twice.der, first.der);
    await site.denied(twice, /its extension 1\.3\.6\.1\.4\.1\.2312\.9\.7 is there twice/);
  });

  it('T46c takes no entitlement from outside of the signed certificate', async () => {
    const data = Buffer.from('{"products":[{"content":[{"path":"/acme/el9"}]}]}').toString(
      'base64',
    );
    const none = await site.entitled(version3('/other'));
    const block = (name: string) => `-----BEGIN ${name}-----\n${data}\n-----END ${name}-----\n`;
    const file = [none.certificate, block('ENTITLEMENT DATA'), block('RSA SIGNATURE')].join('');
    // No front forwards it; a client that sends it has sent no certificate.
    const presented = parseCertificatePem(file);
    assert.ok('problem' in presented);
    assert.match(presented.problem, /begins or ends a block that is no certificate/);
    const reason = `the client certificate cannot be used: ${presented.problem}`;
    const rule = await plugin.create(
      plugin.parseOptions({ ca: 'ca.pem' }),
      testServices(site.pki.directory),
    );
    const request = accessRequest({ evidence: evidence({ certificate: { unusable: reason } }) });
    assert.deepEqual(await rule.authorize(request, signal), { outcome: 'deny', reason });
    await site.denied(none, /does not grant this path/);
  });

  it('T46c refuses a payload that was changed after the signature', async () => {
    const plain = await site.entitled(version1('acme/other'));
    const der = replaceText(Buffer.from(plain.der), 'acme/other', 'acme/el9/x');
    await site.denied(
      { der },
      /its issuer O=Acme,CN=root is not among the accepted CAs with the key/,
      {
        inside: '/x/y',
      },
    );
  });
});
