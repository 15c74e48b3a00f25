import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { plugin } from '../../auth-plugins/certificate/index.ts';
import { fingerprintOf } from '../../src/identity/certificate.ts';
import { type Credential, createPki, daysFrom } from '../support/pki.ts';
import { listToPem, makeList } from './list-maker.ts';
import { eventually, openRule, replaceFile } from './rule-fixture.ts';

const pki = createPki();
let root: Credential;
let intermediate: Credential;
let good: Credential;
let revoked: Credential;
let below: Credential;

before(async () => {
  root = await pki.authority({ subject: '/O=Acme/CN=root' });
  intermediate = await pki.authority({ subject: '/O=Acme/CN=below', serial: '0B0B' }, root);
  good = await pki.client(root, { subject: '/CN=good', serial: '0A01' });
  revoked = await pki.client(root, { subject: '/CN=revoked', serial: '0A02' });
  below = await pki.client(intermediate, { subject: '/CN=leaf', serial: '0A03' });
  pki.write('ca.pem', root.certificate);
  pki.write('chain.pem', root.certificate, intermediate.certificate);
});
after(() => pki[Symbol.dispose]());

async function writeList(name: string, ...options: Parameters<typeof makeList>): Promise<string> {
  replaceFile(pki.file(name), await makeList(...options));
  return name;
}

const listed = { revoked: [{ serial: '0A02', reason: 'keyCompromise' }] } as const;

describe('certificate with crl', () => {
  it('certificate with crl refuses who is on the list, and lets in who is not', async () => {
    const crl = await writeList('list.crl', root, { ...listed, number: 5n });
    await using rule = await openRule(pki, { crl });
    const label = await rule.allows(good);
    assert.match(
      label,
      /^CN=good, not on the revocation list of O=Acme,CN=root \(.*\/list\.crl, number 5, of \d{4}-.*Z, the next due \d{4}-.*Z\)$/,
    );
    const reason = await rule.denies(/its serial number a02 is on the revocation list/, revoked);
    assert.match(reason, /list\.crl, number 5, .* since 2026-03-01T12:00:00Z, for keyCompromise$/);
  });

  it('certificate with crl reads several lists from one file of PEM', async () => {
    const lists = [await makeList(root, listed), await makeList(intermediate)];
    const crl = ['two.pem'];
    replaceFile(pki.file('two.pem'), `for nginx\n${lists.map(listToPem).join('\n')}`);
    await using rule = await openRule(pki, { ca: 'chain.pem', crl });
    await rule.denies(/a02 is on/, revoked);
    assert.match(await rule.allows(below), /CN=below \(.* and the revocation list of .*CN=root/);
  });

  it('certificate with crl is not remembered for longer than the list is good', async () => {
    const nextUpdate = new Date(Math.ceil(Date.now() / 1000) * 1000 + 100_000);
    const crl = await writeList('short.crl', root, { nextUpdate });
    const now = new Date(nextUpdate.getTime() - 7000);
    await using rule = await openRule(pki, { crl }, () => now);
    const decision = await rule.decide(good);
    assert.deepEqual(decision.outcome === 'allow' && decision.remember, {
      seconds: 7,
      scope: 'distribution',
    });
    assert.equal(decision.outcome === 'allow' && decision.principal?.name, fingerprintOf(good.der));
  });

  it('T11 refuses everybody while there is no list, and says what is missing', async () => {
    await using rule = await openRule(pki, { crl: 'absent.crl' });
    await rule.faults(
      /Cannot tell whether the certificate was revoked: there is no revocation list of O=Acme,CN=root: .*absent\.crl: there is no such file/,
      good,
    );
    assert.match(rule.services.lines.join(''), /"level":"error".*absent\.crl/);
    await writeList('absent.crl', root);
    await eventually(() => rule.allows(good));
  });

  it('T11 lets in without a list where the rule says so, and refuses who is revoked', async () => {
    const crl = { lists: await writeList('root.crl', root, listed), missing: 'allow' };
    await using rule = await openRule(pki, { ca: 'chain.pem', crl });
    await rule.allows(below);
    await rule.denies(/a02 is on/, revoked);
    await using blind = await openRule(pki, { crl: { lists: 'nowhere.crl', missing: 'allow' } });
    assert.equal(await blind.allows(good), 'CN=good');
  });

  it('T12 refuses everybody while the list is out of date, from the second on', async () => {
    const nextUpdate = new Date(Math.floor(Date.now() / 1000) * 1000 + 3_600_000);
    const crl = await writeList('stale.crl', root, { ...listed, nextUpdate });
    let now = new Date(nextUpdate.getTime() - 1);
    await using rule = await openRule(pki, { crl }, () => now);
    await rule.allows(good);
    now = nextUpdate;
    await rule.faults(/stale\.crl, number 1, .* is out of date; have the CA publish/, good);
    await rule.denies(/a02 is on/, revoked);
    const warning = /"level":"warn","message":"A revocation list is out of date".*stale\.crl/;
    await eventually(() => assert.match(rule.services.lines.join(''), warning));
  });

  it('T12 allows an old list for as long as the rule says, and not a second more', async () => {
    const nextUpdate = new Date(Math.floor(Date.now() / 1000) * 1000 + 3_600_000);
    const lists = await writeList('old.crl', root, { ...listed, nextUpdate });
    let now = new Date(nextUpdate.getTime() + 599_999);
    await using rule = await openRule(pki, { crl: { lists, stale: 'allow-for 600' } }, () => now);
    await rule.allows(good);
    await rule.denies(/a02 is on/, revoked);
    now = new Date(nextUpdate.getTime() + 600_000);
    await rule.faults(/is out of date, even with stale: allow-for 600/, good);
  });

  it('T13 keeps the list before when the next one is of no use', async () => {
    const crl = await writeList('worse.crl', root, { ...listed, number: 8n });
    await using rule = await openRule(pki, { crl });
    await rule.denies(/a02 is on/, revoked);
    const delta = ['2.5.29.27 = critical,DER:02:01:01'];
    await writeList(crl, root, { number: 9n, extensions: delta });
    await eventually(() => assert.match(rule.services.lines.join(''), /it is a delta list/));
    await rule.denies(/a02 is on/, revoked);
    await rule.allows(good);
    await writeList(crl, root, { number: 9n });
    await eventually(() => rule.allows(revoked));
    assert.match(rule.services.lines.join(''), /can be read again/);
  });

  it('T14 keeps an older list out, by its number and by its date', async () => {
    const crl = await writeList('back.crl', root, { ...listed, number: 8n });
    await using rule = await openRule(pki, { crl });
    await rule.denies(/a02 is on/, revoked);
    await writeList(crl, root, { number: 7n, thisUpdate: new Date() });
    await eventually(() =>
      assert.match(rule.services.lines.join(''), /has the number 7, and the one in force 8/),
    );
    await rule.denies(/a02 is on/, revoked);
    await writeList(crl, root, { number: 9n, thisUpdate: daysFrom(new Date(), -2) });
    await eventually(() => assert.match(rule.services.lines.join(''), /and the one in force of/));
    await rule.denies(/a02 is on/, revoked);
    await writeList(crl, root, { number: undefined, thisUpdate: new Date() });
    await eventually(() => assert.match(rule.services.lines.join(''), /has no number, and/));
    await rule.denies(/a02 is on/, revoked);
  });

  it('T12 tells when its lists were issued, and how long they last', async () => {
    const nextUpdate = new Date(Math.floor(Date.now() / 1000) * 1000 + 3_600_000);
    const thisUpdate = new Date(nextUpdate.getTime() - 7_200_000);
    const crl = await writeList('age.crl', root, { ...listed, thisUpdate, nextUpdate });
    await using rule = await openRule(pki, { crl }, () => new Date(nextUpdate.getTime() + 5000));
    assert.deepEqual(rule.services.revocation.inForce, [
      {
        authority: 'O=Acme,CN=root',
        source: pki.file('age.crl'),
        thisUpdate: thisUpdate.getTime() / 1000,
        nextUpdate: nextUpdate.getTime() / 1000,
        entries: 1,
      },
    ]);
  });

  it('certificate with crl reads a list once for all rules that name it', async () => {
    const crl = await writeList('shared.crl', root, listed);
    await using rule = await openRule(pki, { crl });
    const other = { ca: 'ca.pem', crl: { lists: crl, missing: 'allow' } };
    await plugin.create(plugin.parseOptions(other), rule.services);
    assert.equal(rule.services.revocation.inForce.length, 1);
    assert.equal(rule.services.revocation.generation, 1);
  });

  it('T16 changes its generation with the list, so that nothing remembered outlives it', async () => {
    const crl = await writeList('memory.crl', root, { number: 1n });
    await using rule = await openRule(pki, { crl });
    const before = rule.services.revocation.generation;
    await writeList(crl, root, { ...listed, number: 2n });
    await eventually(() => rule.denies(/a02 is on/, revoked));
    assert.ok(rule.services.revocation.generation > before);
  });
});

describe('certificate with crl, in a chain (the scenarios of Pulp 2.4)', () => {
  it('needs the list of every CA in the chain', async () => {
    const lists = [await writeList('of-below.crl', intermediate)];
    await using rule = await openRule(pki, { ca: 'chain.pem', crl: lists });
    await rule.faults(/no revocation list of O=Acme,CN=root: add it to the setting crl/, below);
    lists.push(await writeList('of-root.crl', root));
    await using whole = await openRule(pki, { ca: 'chain.pem', crl: lists });
    await whole.allows(below);
  });

  it('refuses below a CA that was revoked', async () => {
    const lists = [
      await writeList('below.crl', intermediate),
      await writeList('above.crl', root, { revoked: [{ serial: '0B0B' }] }),
    ];
    await using rule = await openRule(pki, { ca: 'chain.pem', crl: lists });
    await rule.denies(/its CA O=Acme,CN=below was revoked: the serial number b0b is on/, below);
  });

  it('asks for the certificate of a CA that only the client has sent', async () => {
    const lists = [await writeList('i.crl', root), await writeList('j.crl', intermediate)];
    await using rule = await openRule(pki, { crl: lists });
    await rule.faults(
      /of O=Acme,CN=below: add its certificate to the CA file/,
      below,
      intermediate,
    );
    assert.match(rule.services.lines.join(''), /issuer O=Acme,CN=below is not among the CAs/);
  });

  it('does not take the list of another CA of the same name', async () => {
    const twin = await pki.authority({ subject: '/O=Acme/CN=root' });
    const ofTwin = await pki.client(twin, { subject: '/CN=twin', serial: '0A02' });
    pki.write('twins.pem', root.certificate, twin.certificate);
    const crl = await writeList('twin.crl', root, listed);
    await using rule = await openRule(pki, { ca: 'twins.pem', crl });
    await rule.denies(/a02 is on/, revoked);
    await rule.faults(/there is no revocation list of O=Acme,CN=root/, ofTwin);
  });
});
