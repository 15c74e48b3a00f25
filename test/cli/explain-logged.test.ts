import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { EntryWriter } from '../../src/audit/entry-writer.ts';
import { CertificateWriter } from '../../src/audit/seen-certificates.ts';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import { createControlPlane } from '../../src/work/control-plane.ts';
import { decision, epoch } from '../audit/decisions.ts';
import { administer, configurationIn, controlPlaneDirectory } from '../support/administered.ts';
import { createPki } from '../support/pki.ts';
import { presented } from '../support/stored-people.ts';
import { portcullis } from './program.ts';

const guarded = '/pulp/repos/guarded/file.txt';

describe('portcullis explain, of what the store knows', () => {
  it('portcullis explain plays requests of the log, and certificates by their fingerprints', async () => {
    using directory = controlPlaneDirectory();
    using pki = createPki();
    const ca = await pki.authority({ subject: '/O=Acme/CN=CA' });
    const { certificate } = await pki.client(ca, { subject: '/CN=one' });
    const client = presented(certificate);
    writeFileSync(directory.file('file.txt'), 'content');
    writeFileSync(directory.file('users'), `alice:${await hashPassword('wonderland')}\n`);
    const access = {
      any: [{ certificate: { ca: ca.certificatePath } }, { password: { file: 'users' } }],
    };
    const written = {
      ...directory.settings,
      roles: ['content', 'api'],
      audit: { inStore: true },
      listen: { uwsgi: { address: `unix:${directory.file('uwsgi.sock')}` } },
      distributions: [
        { relativeUrl: 'guarded', root: directory.path, access },
        { relativeUrl: 'tokens', root: directory.path, access: { token: {} } },
      ],
    };
    const configuration = await configurationIn(directory, written);
    await administer(configuration);
    {
      await using controlPlane = createControlPlane(configuration, 'write');
      const store = () => controlPlane.store();
      const certificates = new CertificateWriter(store);
      certificates.see(client, new Date(epoch));
      await certificates.flush(new Date(epoch));
      const entries = new EntryWriter(store);
      const denied = { outcome: 'deny', status: 401, path: guarded, principal: undefined } as const;
      entries.add(
        decision(1, { ...denied, requestId: 'by-alice', user: 'alice', reason: 'it was wrong' }),
      );
      entries.add(decision(2, { ...denied, requestId: 'signed', unlogged: ['query'] }));
      await entries.flush();
    }
    const file = directory.file('portcullis.yaml');
    const explain = (...line: readonly string[]) =>
      portcullis(['explain', ...line, '--config', file]);
    const tokenless = await explain('/pulp/repos/tokens/file.txt', '--address', '192.0.2.1');
    assert.match(tokenless.out, /\nPlayed without --cert, --user, --bearer\.\n$/);
    const logged = await explain('--request-id', 'by-alice');
    assert.equal(logged.code, 0, logged.err);
    const [then, gaps, now] = logged.out.split('\n');
    assert.match(
      then ?? '',
      /^At 2026-11-21T12:00:00\.001Z, GET .* ended with deny: it was wrong\. The client saw 401\.$/,
    );
    assert.equal(
      gaps,
      'What it came with and nobody kept: password. The password is taken for right, unless --user gives one.',
    );
    assert.equal(now, 'Now:');
    assert.match(
      logged.out,
      /is served to basic:alice: allowed by password\. The client sees 200\./,
    );
    const guessed = await portcullis(
      ['explain', '--request-id', 'by-alice', '--user', 'alice', '--config', file],
      { input: 'wrong\n' },
    );
    assert.doesNotMatch(guessed.out, /nobody kept/, 'what is given is not missed');
    assert.match(guessed.out, /the password of "alice" is wrong/);
    const signed = await explain('--request-id', 'signed');
    assert.match(
      signed.out,
      /kept: query\. For a signed URL, play the whole URL in place of its id\.$/m,
    );
    const json = JSON.parse((await explain('--request-id', 'by-alice', '--json')).out);
    assert.deepEqual(
      [json.logged.status, json.status, json.request.password, json.missing],
      [401, 200, 'assumed', ['password']],
    );
    const seen = await explain(guarded, '--fingerprint', client.fingerprint, '--details');
    assert.equal(seen.code, 0, seen.err);
    assert.match(seen.out, /^ {2}subject CN=one$/m);
    assert.match(seen.out, /^ {2}chain CN=one, serial number [0-9a-f]+, /m);
    assert.match(seen.out, /^ {4}by O=Acme,CN=CA, serial number /m);
    assert.match(seen.out, /^ {2}deny-list of the store: it is not on it$/m);
    assert.match(seen.out, /^ {2}revocation: the rule asks for none$/m);
    assert.match(seen.out, /^ {2}Content-Length: 7$/m);
    assert.match(seen.out, /^ {2}1 seconds after a change in the store/m);
    for (const [line, message] of [
      [
        ['--request-id', 'other'],
        /has none of this id\. .*audit\.inStore.*nginx\.refusalLog; see /,
      ],
      [[guarded, '--request-id', 'by-alice'], /give either TARGET or --request-id/],
      [[], /give either TARGET or --request-id/],
      [[guarded, '--fingerprint', 'ab'.repeat(32)], /knows no such certificate/],
      [[guarded, '--fingerprint', 'ab'], /expected a SHA-256 of 64 hex digits/],
      [[guarded, '--assume-password'], /it needs --user/],
    ] as const) {
      const refused = await explain(...line);
      assert.deepEqual([refused.code, refused.out], [64, ''], refused.err);
      assert.match(refused.err, message);
    }
  });
});
