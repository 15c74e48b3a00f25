import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type Credential, createPki } from '../support/pki.ts';
import { assertNoted, byOwn, importOf } from './import-fixture.ts';
import { createPulp2, type Pulp2 } from './pulp2-fixture.ts';

const pki = createPki();
let own: Credential;
let other: Credential;

before(async () => {
  own = await pki.authority({ subject: '/CN=own' });
  other = await pki.authority({ subject: '/CN=other' });
});
after(() => pki[Symbol.dispose]());

function byDatabase(name: string): object {
  return { entitlement: { ca: `pulp2-ca/database-${name}.pem` } };
}

/** X is protected by its files, Y, Z and the ISO repository are not. */
function pulpWith(): Pulp2 {
  const pulp2 = createPulp2();
  for (const id of ['x', 'y', 'z']) pulp2.publishYum({ id, relativeUrl: `acme/${id}` });
  pulp2.publishIso({ id: 'image', files: {} });
  pulp2.bundle(own.certificate, 'x');
  pulp2.protect({ 'acme/x': 'x' });
  return pulp2;
}

function exported(pulp2: Pulp2, ...documents: readonly unknown[]): string {
  const file = pulp2.file('repo_distributors.json');
  const lines = documents.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** As the database has it. */
function distributor(id: string, config: object): object {
  return {
    _id: { $oid: '5a0dc5e6c1c0a40d2a8c4d11' },
    repo_id: id,
    id: 'yum_distributor',
    distributor_type_id: 'yum_distributor',
    config,
    last_publish: { $date: '2017-11-16T17:00:22.000Z' },
  };
}

describe("Pulp 2's distributors", () => {
  it('T59 auth_ca alone protects, which only the database tells', async () => {
    using pulp2 = pulpWith();
    const open = await importOf(pulp2);
    assertNoted(open.notes, /^to do: a repository with auth_ca and without auth_cert was open/);
    const distributors = exported(
      pulp2,
      distributor('x', { relative_url: 'acme/x', auth_ca: other.certificate, auth_cert: 'x' }),
      distributor('y', { relative_url: '/acme/y/', auth_ca: other.certificate }),
      distributor('z', { relative_url: 'acme/z', auth_ca: null }),
      distributor('image', { ssl_auth_ca_cert: own.certificate }),
    );
    const { access, authorities, notes } = await importOf(pulp2, { distributors });
    assert.deepEqual(access, {
      'acme/x': byOwn('x'),
      'acme/y': byDatabase('yum-2'),
      'acme/z': 'public',
      image: byDatabase('iso-4'),
    });
    assert.equal(authorities.get('database-yum-2.pem'), other.certificate);
    assertNoted(
      notes,
      /^stricter: acme\/y: .*repo_distributors\.json:2, auth_ca: without auth_cert/,
    );
    assert.ok(notes.every((note) => !note.startsWith('to do')));
  });

  it('T59 auth_ca protects what is published under another spelling of its path', async () => {
    using pulp2 = pulpWith();
    const config = { auth_ca: other.certificate };
    const distributors = exported(
      pulp2,
      distributor('y', { ...config, relative_url: 'acme//y' }),
      distributor('z', { ...config, relative_url: './acme/./z/' }),
    );
    const { access } = await importOf(pulp2, { distributors });
    assert.deepEqual(access['acme/y'], byDatabase('yum-1'));
    assert.deepEqual(access['acme/z'], byDatabase('yum-2'));
  });

  it('T59 an auth_ca that is damaged leaves its repository to nobody', async () => {
    using pulp2 = pulpWith();
    const config = { relative_url: 'acme/y', auth_ca: 'rubbish' };
    const { access } = await importOf(pulp2, {
      distributors: exported(pulp2, distributor('y', config)),
    });
    assert.equal(access['acme/y'], undefined);
    assert.equal(access['acme/z'], 'public');
  });

  for (const line of ['rubbish', '{}', '[]', '{"repo_id":1,"config":{}}', '{"repo_id":"x"}', '1']) {
    it(`an export with the line ${line} stops the import`, async () => {
      using pulp2 = pulpWith();
      const distributors = exported(pulp2, distributor('x', {}), line);
      await assert.rejects(importOf(pulp2, { distributors }), {
        code: 'FILE_UNREADABLE',
        message: `Cannot use ${distributors}:2: it is no document of repo_distributors; expected what mongoexport writes of that collection`,
      });
    });
  }
});
