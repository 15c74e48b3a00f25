import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { presentedBytesMax, presentedCertificatesMax } from '../../src/identity/chain.ts';
import { candidatesMax, chainCertificatesMax } from '../../src/identity/chain-search.ts';
import { type Credential, createPki, daysFrom, type Pki } from '../support/pki.ts';
import { resign } from '../support/resign.ts';
import { accepted, type Chain, parsed, refused } from './chain-fixture.ts';

describe('verifyChain', () => {
  let pki: Pki;
  let root: Credential;
  let middle: Credential;
  let client: Credential;
  /** Of `middle`. */
  let below: Credential;

  before(async () => {
    pki = createPki();
    root = await pki.authority({ subject: '/O=Acme/CN=root' });
    middle = await pki.authority({ subject: '/O=Acme/CN=middle' }, root);
    client = await pki.client(root, { subject: '/O=Acme/CN=client' });
    below = await pki.client(middle, { subject: '/O=Acme/CN=below' });
  });
  after(() => pki[Symbol.dispose]());

  it('accepts a certificate of the CA, and tells what it says', async () => {
    const leaf = await pki.client(root, { serial: '00AB01', subject: '/O=Acme/OU=a+CN=one' });
    const certificate = accepted({ leaf, trusted: [root] });
    assert.equal(certificate.serial, 'ab01');
    assert.deepEqual(certificate.subject, [
      { oid: '2.5.4.10', value: 'Acme' },
      { oid: '2.5.4.11', value: 'a' },
      { oid: '2.5.4.3', value: 'one' },
    ]);
    assert.deepEqual(
      certificate.issuer.map(({ value }) => value),
      ['Acme', 'root'],
    );
  });

  it('finds intermediates that the client sent, in any order, and in the CA file', async () => {
    const lower = await pki.authority({ subject: '/CN=lower' }, middle);
    const leaf = await pki.client(lower);
    accepted({ leaf, sent: [lower, middle], trusted: [root] });
    accepted({ leaf, sent: [root, middle, client, lower, middle], trusted: [root] });
    accepted({ leaf, trusted: [middle, root, lower] });
    accepted({ leaf, sent: [lower], trusted: [root, middle] });
    refused({ leaf, sent: [middle], trusted: [root] }, /its issuer CN=lower is not among/);
  });

  it('trusts an intermediate CA that stands in the file without its root', async () => {
    accepted({ leaf: below, trusted: [middle] });
  });

  it('goes on to the root when the CA file holds it too', async () => {
    const old = await pki.authority({
      subject: '/CN=old',
      notAfter: daysFrom(new Date(), -1),
      notBefore: daysFrom(new Date(), -2),
    });
    const sub = await pki.authority({ subject: '/CN=sub' }, old);
    const leaf = await pki.client(sub);
    accepted({ leaf, trusted: [sub] });
    refused({ leaf, trusted: [sub, old] }, /its CA CN=old cannot be used: it expired on/);
  });

  it('believes no root that the client sent', async () => {
    refused({ leaf: client, sent: [root], trusted: [middle] }, /is not among the accepted CAs/);
    refused({ leaf: client, trusted: [] }, /is not among the accepted CAs/);
  });

  it('T18 refuses a CA of the same name with another key', async () => {
    const impostor = await pki.authority({ subject: '/O=Acme/CN=root' });
    const withoutIds = { subjectKeyIdentifier: 'none', authorityKeyIdentifier: 'none' };
    const bare = await pki.authority({ subject: '/O=Acme/CN=root', extensions: withoutIds });
    for (const ca of [impostor, bare]) {
      const leaf = await pki.client(ca, { extensions: { authorityKeyIdentifier: 'none' } });
      refused({ leaf, sent: [ca], trusted: [root] }, /with the key that signed it/);
    }
  });

  it('proves the client’s certificate and not an intermediate that came with a forged one', async () => {
    const forger = await pki.authority({ subject: '/O=Acme/CN=middle' });
    const forged = await pki.client(forger, { subject: '/O=Acme/CN=below' });
    for (const sent of [[middle], [middle, root], [forger, middle], [below, middle]]) {
      refused({ leaf: forged, sent, trusted: [root] }, /with the key that signed it/);
    }
  });

  it('T18 refuses what a client’s certificate signed', async () => {
    const leaf = await pki.client(client);
    refused(
      { leaf, sent: [client], trusted: [root] },
      /O=Acme,CN=client cannot be used: it is not a CA/,
    );
    const without = await pki.authority(
      { subject: '/CN=v1', extensions: { basicConstraints: undefined } },
      root,
    );
    refused(
      { leaf: await pki.client(without), sent: [without], trusted: [root] },
      /it is not a CA certificate/,
    );
  });

  it('T19b refuses a self-issued certificate with the name of an anchor, and anchors themselves', async () => {
    const extensions = { authorityKeyIdentifier: 'none' };
    const selfSigned = await pki.client(undefined, { subject: '/O=Acme/CN=root', extensions });
    refused({ leaf: selfSigned, trusted: [root] }, /with the key that signed it/);
    refused(
      { leaf: selfSigned, sent: [selfSigned], trusted: [root] },
      /its CA O=Acme,CN=root cannot be used: it is not a CA|with the key/,
    );
    refused({ leaf: root, trusted: [root] }, /it is a CA certificate/);
    refused({ leaf: middle, trusted: [root] }, /it is a CA certificate/);
  });

  it('T19 holds every date of the chain to the second', async () => {
    const start = new Date('2026-03-01T00:00:00Z');
    const end = new Date('2026-09-01T12:30:45Z');
    const wide = { notBefore: daysFrom(start, -100), notAfter: daysFrom(end, 100) };
    const narrow = { notBefore: start, notAfter: end };
    for (const short of ['root', 'middle', 'leaf'] as const) {
      const dates = (name: string) => (name === short ? narrow : wide);
      const anchor = await pki.authority({ subject: '/CN=anchor', ...dates('root') });
      const link = await pki.authority({ subject: '/CN=link', ...dates('middle') }, anchor);
      const leaf = await pki.client(link, dates('leaf'));
      const chain = { leaf, sent: [link], trusted: [anchor] };
      const at = (date: Date, milliseconds: number) => new Date(date.getTime() + milliseconds);
      refused({ ...chain, now: at(start, -1) }, /not valid before 2026-03-01T00:00:00Z/);
      accepted({ ...chain, now: start });
      const certificate = accepted({ ...chain, now: end });
      assert.deepEqual(certificate.chainNotAfter, end);
      refused({ ...chain, now: at(end, 1) }, /it expired on 2026-09-01T12:30:45Z/);
    }
  });

  it('T17 demands clientAuth where purposes are named', async () => {
    const withPurposes = (extendedKeyUsage: string | undefined) =>
      pki.client(root, { extensions: { extendedKeyUsage } });
    for (const purposes of [
      'clientAuth',
      'serverAuth,clientAuth',
      'critical,clientAuth',
      undefined,
    ]) {
      accepted({ leaf: await withPurposes(purposes), trusted: [root] });
    }
    for (const purposes of [
      'serverAuth',
      'emailProtection',
      'anyExtendedKeyUsage',
      'critical,codeSigning',
    ]) {
      const leaf = await withPurposes(purposes);
      refused({ leaf, trusted: [root] }, /its extendedKeyUsage does not name clientAuth/);
    }
    refused({ leaf: await pki.server(root), trusted: [root] }, /does not name clientAuth/);
  });

  it('T17 demands clientAuth of CAs whose purposes are named', async () => {
    for (const [extendedKeyUsage, good] of [
      ['clientAuth', true],
      ['serverAuth', false],
    ] as const) {
      const ca = await pki.authority(
        { subject: '/CN=limited', extensions: { extendedKeyUsage } },
        root,
      );
      const chain = { leaf: await pki.client(ca), sent: [ca], trusted: [root] };
      if (good) accepted(chain);
      else refused(chain, /CN=limited cannot be used: its extendedKeyUsage/);
    }
  });

  it('T18 holds the chain to pathLenConstraint', async () => {
    const top = await pki.authority({
      subject: '/CN=top',
      extensions: { basicConstraints: 'critical,CA:TRUE,pathlen:1' },
    });
    const second = await pki.authority({ subject: '/CN=second' }, top);
    const third = await pki.authority({ subject: '/CN=third' }, second);
    accepted({ leaf: await pki.client(top), trusted: [top] });
    accepted({ leaf: await pki.client(second), sent: [second], trusted: [top] });
    refused(
      { leaf: await pki.client(third), sent: [second, third], trusted: [top] },
      /CN=top cannot be used: its pathLenConstraint allows 1 CAs below it, and there are 2/,
    );
    const none = await pki.authority({
      subject: '/CN=none',
      extensions: { basicConstraints: 'critical,CA:TRUE,pathlen:0' },
    });
    const own = await pki.authority({ subject: '/CN=none' }, none);
    accepted({ leaf: await pki.client(none), trusted: [none] });
    refused(
      { leaf: await pki.client(own), sent: [own], trusted: [none] },
      /allows 0 CAs|with the key/,
    );
  });

  it('T18 demands the key usages that a signature needs', async () => {
    const ca = await pki.authority(
      { subject: '/CN=nosign', extensions: { keyUsage: 'critical,digitalSignature,cRLSign' } },
      root,
    );
    refused(
      { leaf: await pki.client(ca), sent: [ca], trusted: [root] },
      /its keyUsage lacks keyCertSign/,
    );
    const leaf = await pki.client(root, { extensions: { keyUsage: 'critical,keyEncipherment' } });
    refused({ leaf, trusted: [root] }, /its keyUsage lacks digitalSignature/);
    const silent = await pki.authority(
      { subject: '/CN=silent', extensions: { keyUsage: undefined } },
      root,
    );
    const quiet = await pki.client(silent, { extensions: { keyUsage: undefined } });
    accepted({ leaf: quiet, sent: [silent], trusted: [root] });
  });

  it('refuses unknown critical extensions wherever they stand, and lets others pass', async () => {
    const critical = { '1.2.3.4.5': 'critical,ASN1:UTF8String:x' };
    const harmless = { '1.2.3.4.5': 'ASN1:UTF8String:x' };
    const unknown = /a critical extension that is not known here \(1\.2\.3\.4\.5\)/;
    refused({ leaf: await pki.client(root, { extensions: critical }), trusted: [root] }, unknown);
    accepted({ leaf: await pki.client(root, { extensions: harmless }), trusted: [root] });
    const ca = await pki.authority({ subject: '/CN=odd', extensions: critical }, root);
    refused({ leaf: await pki.client(ca), sent: [ca], trusted: [root] }, unknown);
    const anchor = await pki.authority({ subject: '/CN=odd', extensions: critical });
    refused({ leaf: await pki.client(anchor), trusted: [anchor] }, unknown);
  });

  it('accepts critical extensions that it knows', async () => {
    const extensions = {
      subjectAltName: 'critical,URI:urn:one',
      certificatePolicies: 'critical,1.2.3.4',
    };
    accepted({ leaf: await pki.client(root, { extensions }), trusted: [root] });
  });

  it('T18 refuses constraints on names and policies, which it does not evaluate', async () => {
    for (const extensions of [
      { nameConstraints: 'critical,permitted;DNS:.example.org' },
      { nameConstraints: 'permitted;DNS:.example.org' },
      { policyConstraints: 'critical,requireExplicitPolicy:0' },
      { inhibitAnyPolicy: 'critical,0' },
    ]) {
      const ca = await pki.authority({ subject: '/CN=constrained', extensions }, root);
      const chain = { leaf: await pki.client(ca), sent: [ca], trusted: [root] };
      refused(chain, /constraints on names or policies/);
    }
  });

  it('takes nine other certificates, and not ten', async () => {
    const sent = Array.from({ length: presentedCertificatesMax - 1 }, () => middle);
    accepted({ leaf: below, sent, trusted: [root] });
    refused({ leaf: below, sent: [...sent, middle], trusted: [root] }, /more than 9 other/);
  });

  it('takes 64 KiB of certificates, and not a byte more', async () => {
    const padding = presentedBytesMax - below.der.length - middle.der.length;
    // The padding is refused for what it is, and one byte more for its length.
    const noise = { der: new Uint8Array(padding) };
    refused({ leaf: below, sent: [middle, noise], trusted: [root] }, /cannot be read/);
    const more = { der: new Uint8Array(padding + 1) };
    refused({ leaf: below, sent: [middle, more], trusted: [root] }, /over 65536 bytes long/);
  });

  it('takes chains of eight certificates, and not of nine', async () => {
    const line = [root];
    while (line.length < chainCertificatesMax) {
      line.push(await pki.authority({ subject: `/CN=${line.length}` }, line.at(-1)));
    }
    const [, ...intermediates] = line;
    const leafOf = (depth: number) => pki.client(line[depth]);
    const most = intermediates.slice(0, chainCertificatesMax - 2);
    accepted({ leaf: await leafOf(chainCertificatesMax - 2), sent: most, trusted: [root] });
    refused(
      { leaf: await leafOf(chainCertificatesMax - 1), sent: intermediates, trusted: [root] },
      /its chain is longer than 8 certificates/,
    );
  });

  it('T19c tries 64 CAs of one name, and gives up at the next', async () => {
    const extensions = { subjectKeyIdentifier: 'none', authorityKeyIdentifier: 'none' };
    const same = { subject: '/CN=same', extensions };
    const decoys = await Promise.all(
      Array.from({ length: candidatesMax }, () => pki.authority(same)),
    );
    const right = await pki.authority(same);
    const leaf = await pki.client(right, { extensions: { authorityKeyIdentifier: 'none' } });
    accepted({ leaf, trusted: [...decoys.slice(1), right] });
    refused({ leaf, trusted: [...decoys, right] }, /more than 64 CAs could be its issuers/);
  });

  it('T19c answers a graph of cross-signed CAs within 100 ms', async () => {
    const extensions = { subjectKeyIdentifier: 'none', authorityKeyIdentifier: 'none' };
    const same = { subject: '/CN=knot', extensions };
    const first = await pki.authority(same);
    const knot = await Promise.all(
      Array.from({ length: 9 }, () => pki.authority({ ...same, key: first }, first)),
    );
    const leaf = await pki.client(first, { extensions: { authorityKeyIdentifier: 'none' } });
    const timed = (chain: Chain, expected: RegExp) => {
      const durations: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        const start = performance.now();
        refused(chain, expected);
        durations.push(performance.now() - start);
      }
      assert.ok(Math.min(...durations) < 100, `it took ${durations} ms`);
    };
    timed({ leaf, sent: knot, trusted: [root] }, /more than 64/);
    // An expired anchor at the end of every way, so that none succeeds.
    const end = await pki.authority({ ...same, key: first, notAfter: daysFrom(new Date(), -0.5) });
    timed({ leaf, sent: knot, trusted: [end] }, /more than 64/);
  });

  it('refuses an issuer whose key identifier is not the one that the certificate names', async () => {
    const keyId = parsed(root).extensions.subjectKeyId ?? '';
    const leaf = resign(client, root, (parts) => {
      const hex = parts.extensions.toString('hex');
      parts.extensions = Buffer.from(hex.replace(keyId, 'ab'.repeat(keyId.length / 2)), 'hex');
    });
    assert.equal(parsed(leaf).extensions.authorityKeyId, 'ab'.repeat(20));
    refused({ leaf, trusted: [root] }, /is not among the accepted CAs/);
  });

  it('refuses values that decide nothing here when they are not DER', async () => {
    const extensions = { subjectAltName: 'critical,DER:30FF' };
    const ca = await pki.authority({ subject: '/CN=garbled', extensions }, root);
    const chain = { leaf: await pki.client(ca), sent: [ca], trusted: [root] };
    refused(chain, /cannot be read: its extension 2\.5\.29\.17 is not encoded as DER/);
    const leaf = await pki.client(root, { extensions: { certificatePolicies: 'DER:3081023000' } });
    refused({ leaf, trusted: [root] }, /its extension 2\.5\.29\.32 is not encoded as DER wants/);
  });

  it('accepts an authorityKeyIdentifier of name and serial number', async () => {
    const ca = await pki.authority({
      subject: '/CN=old',
      extensions: { subjectKeyIdentifier: 'none', authorityKeyIdentifier: 'none' },
    });
    const leaf = await pki.client(ca, { extensions: { authorityKeyIdentifier: 'issuer:always' } });
    accepted({ leaf, trusted: [ca] });
  });
});
