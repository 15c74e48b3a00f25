import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Credential, createPki, daysFrom } from '../support/pki.ts';
import { assertNoted, byGlobal, byOwn, importOf } from './import-fixture.ts';
import { createPulp2 } from './pulp2-fixture.ts';

const pki = createPki();
let root: Credential;
let other: Credential;

before(async () => {
  root = await pki.authority({ subject: '/CN=root' });
  other = await pki.authority({ subject: '/CN=other' });
});
after(() => pki[Symbol.dispose]());

/** An import of one repository with this CA file, and a global one beside it. */
async function importWith(ca: string, auth: readonly string[] = ['enabled: true']) {
  using pulp2 = createPulp2({ auth });
  pulp2.publishYum({ id: 'x', relativeUrl: 'x/el9' });
  pulp2.protect({ 'x/el9': 'x' });
  pulp2.bundle(other.certificate);
  pulp2.bundle(ca, 'x');
  return await importOf(pulp2);
}

describe("Pulp 2's CA files", () => {
  it('what stands between the certificates of a CA file, keys too, is left out of its copy', async () => {
    const text = `rubbish\n${root.certificate}${root.key}more\r\n${other.certificate}-----BEGIN CERTIFICATE-----`;
    const { authorities, access } = await importWith(text);
    assert.deepEqual(access, { 'x/el9': byOwn('x') });
    assert.equal(authorities.get('repository-x.pem'), root.certificate + other.certificate);
  });

  for (const [what, text, said] of [
    ['empty', '', 'it holds no certificate'],
    ['no certificate', 'rubbish', 'it holds no certificate'],
    [
      'a certificate that is none',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      'certificate 1 cannot be read',
    ],
  ] as const) {
    it(`T59 a CA file that is ${what} leaves its repository to nobody, not to the global CA`, async () => {
      const { access, notes } = await importWith(text);
      assert.deepEqual(access, { 'x/el9': undefined });
      assertNoted(
        notes,
        new RegExp(`^not carried over: x/el9: its CA file .*: ${said}|: .*${said}`),
      );
    });
  }

  it('T18 a certificate that is no CA is left out, and alone leaves its repository to nobody', async () => {
    const leaf = await pki.client(root);
    const both = await importWith(leaf.certificate + root.certificate);
    assert.equal(both.authorities.get('repository-x.pem'), root.certificate);
    assertNoted(both.notes, /^stricter: .*certificate 1 \(O=Acme,CN=client\) is no usable CA/);
    const alone = await importWith(leaf.certificate);
    assert.deepEqual(alone.access, { 'x/el9': undefined });
  });

  it('T19 a CA that is over comes along, and it is told that it lets nobody in', async () => {
    const now = new Date();
    const dates = { notBefore: daysFrom(now, -20), notAfter: daysFrom(now, -10) };
    const expired = await pki.authority({ subject: '/CN=old', ...dates });
    const { authorities, notes } = await importWith(expired.certificate);
    assert.equal(authorities.get('repository-x.pem'), expired.certificate);
    assertNoted(notes, /^stricter: .*CN=old lets nobody in: it expired on/);
  });

  it('of a CA file count as many certificates as Pulp took, and not one more', async () => {
    const auth = ['enabled: true', 'max_num_certs_in_chain: 2'];
    const third = await pki.authority({ subject: '/CN=third' });
    const two = root.certificate + other.certificate;
    const exact = await importWith(two, auth);
    assert.equal(exact.authorities.get('repository-x.pem'), two);
    assert.deepEqual(
      exact.notes.filter((note) => note.includes('count')),
      [],
    );
    const more = await importWith(two + third.certificate, auth);
    assert.equal(more.authorities.get('repository-x.pem'), two);
    assertNoted(more.notes, /^stricter: .*of its 3 certificates the first 2 count/);
  });

  it('a CA file without a root is told, by which Pulp accepted nobody', async () => {
    const intermediate = await pki.authority({ subject: '/CN=below' }, root);
    const { notes, access } = await importWith(intermediate.certificate);
    assert.deepEqual(access, { 'x/el9': byOwn('x') });
    assertNoted(notes, /^different: .*consumer-x\.ca ends in no root/);
  });

  it('T28 an id that would lead elsewhere leaves its repository to nobody', async () => {
    using pulp2 = createPulp2();
    pulp2.publishYum({ id: 'x', relativeUrl: 'x/el9' });
    pulp2.bundle(other.certificate);
    pulp2.protect({ 'x/el9': '../../../x' });
    const { access, notes } = await importOf(pulp2);
    assert.deepEqual(access, { 'x/el9': undefined });
    assertNoted(notes, /^not carried over: x\/el9: .*that is no id of a repository/);
    pulp2.protect({ 'x/el9': 'x' });
    assert.deepEqual((await importOf(pulp2)).access, { 'x/el9': byGlobal });
  });
});
