import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { listToPem, makeList } from '../revocation/list-maker.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { assertNoted, importOf } from './import-fixture.ts';
import { bundles, createPulp2, type Pulp2 } from './pulp2-fixture.ts';

const pki = createPki();
let own: Credential;
let other: Credential;
let ownList: Uint8Array;
let otherList: Uint8Array;

before(async () => {
  own = await pki.authority({ subject: '/CN=own' });
  other = await pki.authority({ subject: '/CN=other' });
  ownList = await makeList(own);
  otherList = await makeList(other);
});
after(() => pki[Symbol.dispose]());

/** X has a CA of its own, Y is public. */
function pulpWith(lines: readonly string[], auth: readonly string[] = []): Pulp2 {
  const pulp2 = createPulp2({ auth: ['enabled: true', ...auth] });
  for (const id of ['x', 'y']) pulp2.publishYum({ id, relativeUrl: id });
  pulp2.bundle(own.certificate, 'x');
  pulp2.protect({ x: 'x' });
  pulp2.write('/etc/httpd/conf.d/ssl.conf', lines.join('\n'));
  return pulp2;
}

function bySelf(crl: object): object {
  return { entitlement: { ca: 'pulp2-ca/repository-x.pem', crl } };
}

describe("Pulp 2's revocation lists", () => {
  it('T11 a list of Apache goes on to revoke what its CA has signed', async () => {
    using pulp2 = pulpWith(['SSLCARevocationFile /etc/pki/own.crl', 'SSLCARevocationCheck chain']);
    pulp2.write('/etc/pki/own.crl', listToPem(ownList));
    const { access, notes } = await importOf(pulp2);
    const lists = [pulp2.file('etc/pki/own.crl')];
    assert.deepEqual(access, { x: bySelf({ lists, missing: 'refuse' }), y: 'public' });
    assertNoted(notes, /^different: the revocation list .*own\.crl has to be kept up to date/);
  });

  it('T11 a directory of lists is told apart by their CAs, and what belongs to none is told', async () => {
    using pulp2 = pulpWith([], ['', '[crl]', `location: ${bundles}`]);
    assert.deepEqual((await importOf(pulp2)).access.x, {
      entitlement: { ca: 'pulp2-ca/repository-x.pem' },
    });
    pulp2.write(`${bundles}/own.pem`, '');
    writeFileSync(pulp2.file(`.${bundles}/own.pem`), ownList);
    symlinkSync('own.pem', pulp2.file(`.${bundles}/0a1b2c3d.r0`));
    pulp2.write(`${bundles}/ffffffff.r12`, listToPem(otherList));
    const { access, notes } = await importOf(pulp2);
    const lists = [pulp2.file(`.${bundles}/own.pem`)];
    assert.deepEqual(access, { x: bySelf({ lists, missing: 'allow' }), y: 'public' });
    assertNoted(
      notes,
      /^not carried over: the revocation list .*ffffffff\.r12: its issuer CN=other is not among/,
    );
  });

  it('T13 a file that holds more than lists of the CA is of no use to its rule', async () => {
    using pulp2 = pulpWith(['SSLCARevocationFile /etc/pki/all.crl']);
    pulp2.write('/etc/pki/all.crl', listToPem(ownList) + listToPem(otherList));
    const { access, notes } = await importOf(pulp2);
    assert.deepEqual(access.x, { entitlement: { ca: 'pulp2-ca/repository-x.pem' } });
    assertNoted(
      notes,
      /^not carried over: the revocation list .*all\.crl: list 2 in it: its issuer/,
    );
  });

  it('T11 a list that cannot be read stops the import, and one of nobody is told', async () => {
    using pulp2 = pulpWith(['SSLCARevocationFile /etc/pki/own.crl']);
    pulp2.write('/etc/pki/own.crl/file', '');
    const { notes } = await importOf(pulp2);
    assert.deepEqual(
      notes.filter((note) => note.includes('revocation')),
      [],
    );
    pulp2.remove('/etc/pki/own.crl');
    pulp2.write('/etc/pki/own.crl', 'rubbish');
    assertNoted((await importOf(pulp2)).notes, /own\.crl: it holds no revocation list, neither/);
  });
});
