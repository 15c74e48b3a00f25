import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, chownSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { openSessionAuthority } from '../../src/identity/session-authority.ts';
import { authorityDays, keyFileBytesMax } from '../../src/identity/session-authority-files.ts';
import { openSessionVerifier, sessionAuthoritiesMax } from '../../src/identity/session-verifier.ts';
import { createLogger } from '../../src/log.ts';
import { createPki } from '../support/pki.ts';
import { runOk } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { secretFile, silent } from './session-fixture.ts';

const joe = { kind: 'user', login: 'joe', id: '5f0000000000000000abcdef' } as const;
const options = { now: () => new Date(), log: silent };

const filesIn = (directory: TemporaryDirectory) => ({
  certificateFile: directory.file('ca.crt'),
  keyFile: directory.file('ca.key'),
});
const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

/** Opens the CA, signs, and verifies what was signed. */
async function works(files: { certificateFile: string; keyFile: string }): Promise<void> {
  const authority = await openSessionAuthority(files, options);
  const verifier = await openSessionVerifier(files.certificateFile, options);
  const { certificate } = await authority.issue(joe, 60);
  const der = new Uint8Array(new X509Certificate(certificate).raw);
  const verdict = await verifier.verify({ der, intermediates: [] });
  assert.ok(verdict.valid, JSON.stringify(verdict));
}

describe('openSessionAuthority', () => {
  it('T93 makes a CA at first use, with a key for its owner alone, and keeps it', async () => {
    using directory = temporaryDirectory();
    const files = filesIn(directory);
    const lines: string[] = [];
    const log = createLogger({ level: 'info', write: (line) => lines.push(line) });
    const before = process.umask(0);
    try {
      await openSessionAuthority(files, { ...options, log });
    } finally {
      process.umask(before);
    }
    assert.deepEqual(readdirSync(directory.path).sort(), ['ca.crt', 'ca.key']);
    assert.equal(modeOf(files.keyFile), '600');
    assert.equal(modeOf(files.certificateFile), '644');
    assert.match(lines.join(''), /A CA for session certificates was made/);
    assert.doesNotMatch(lines.join(''), /PRIVATE/);
    const made = readFileSync(files.certificateFile, 'utf8');
    const parsed = new X509Certificate(made);
    assert.ok(parsed.ca);
    assert.match(parsed.subject, /^O=Portcullis\nCN=Portcullis sessions [0-9a-f]{16}$/);
    const days = (parsed.validToDate.getTime() - parsed.validFromDate.getTime()) / 86_400_000;
    assert.equal(days, authorityDays);
    await works(files);
    assert.equal(readFileSync(files.certificateFile, 'utf8'), made);
    assert.equal(lines.length, 1);
  });

  it('lets the front read the certificate under any umask', async () => {
    using directory = temporaryDirectory();
    const before = process.umask(0o077);
    try {
      await openSessionAuthority(filesIn(directory), options);
    } finally {
      process.umask(before);
    }
    assert.equal(modeOf(directory.file('ca.crt')), '644');
    assert.equal(modeOf(directory.file('ca.key')), '600');
  });

  it('makes one CA when several processes come at once', async () => {
    using directory = temporaryDirectory();
    const files = filesIn(directory);
    const module = new URL('../../src/identity/session-authority-files.ts', import.meta.url);
    const program = `
      import { makeAuthorityFiles } from ${JSON.stringify(module.href)};
      process.stdout.write(await makeAuthorityFiles(${JSON.stringify(files)}, new Date()));`;
    const results = await Promise.all(
      Array.from({ length: 4 }, () =>
        runOk(process.execPath, ['--input-type=module', '-e', program]),
      ),
    );
    assert.deepEqual(results.map(String).sort(), ['found', 'found', 'found', 'made']);
    assert.deepEqual(readdirSync(directory.path).sort(), ['ca.crt', 'ca.key']);
    await works(files);
  });

  it('makes one CA for all who ask in one process', async () => {
    using directory = temporaryDirectory();
    await Promise.all(Array.from({ length: 10 }, () => works(filesIn(directory))));
  });

  it('goes on after a stop between its two files', async () => {
    using directory = temporaryDirectory();
    const files = filesIn(directory);
    await openSessionAuthority(files, options);
    const made = readFileSync(files.certificateFile, 'utf8');
    await rm(files.certificateFile);
    await works(files);
    assert.equal(readFileSync(files.certificateFile, 'utf8'), made);
  });

  it('takes the CA of a Pulp 2 as it is, and signs with the one of several that has the key', async () => {
    using pki = createPki();
    const former = await pki.authority({ subject: '/CN=former/O=PULP' });
    const pulp = await pki.authority({ subject: '/CN=pulp/O=PULP', key: 'rsa-2048' });
    const keyFile = pki.file('pkcs1.pem');
    await runOk('openssl', ['rsa', '-traditional', '-in', pulp.keyPath, '-out', keyFile]);
    assert.match(readFileSync(keyFile, 'utf8'), /BEGIN RSA PRIVATE KEY/);
    secretFile(keyFile);
    await works({ certificateFile: pulp.certificatePath, keyFile });
    const both = pki.write('both.pem', former.certificate, pulp.certificate);
    await works({ certificateFile: both, keyFile });
    // The group may read it, when the operator says so.
    chmodSync(keyFile, 0o640);
    await works({ certificateFile: both, keyFile });
  });

  it('T93 refuses a key that others may read or exchange', async () => {
    using directory = temporaryDirectory();
    const files = filesIn(directory);
    await openSessionAuthority(files, options);
    const refused = (message: RegExp) =>
      assert.rejects(openSessionAuthority(files, options), { code: 'FILE_UNREADABLE', message });
    for (const mode of [0o604, 0o602, 0o601, 0o620, 0o666]) {
      chmodSync(files.keyFile, mode);
      await refused(new RegExp(`its mode is 0${mode.toString(8)}, by which others`));
    }
    chmodSync(files.keyFile, 0o600);
    chmodSync(directory.path, 0o777);
    await refused(/everybody may write in its directory/);
    chmodSync(directory.path, 0o1777);
    await works(files);
  });

  it('T93 refuses a certificate to which others than its owner could add a CA', async () => {
    using directory = temporaryDirectory();
    const files = filesIn(directory);
    await openSessionAuthority(files, options);
    const isRefused = async (message: RegExp) => {
      const expected = { code: 'FILE_UNREADABLE', message };
      await assert.rejects(openSessionAuthority(files, options), expected);
      await assert.rejects(openSessionVerifier(files.certificateFile, options), expected);
    };
    for (const mode of [0o664, 0o646, 0o666, 0o620]) {
      chmodSync(files.certificateFile, mode);
      await isRefused(
        new RegExp(`ca\\.crt: its mode is 0${mode.toString(8)}, by which others may change it`),
      );
    }
    chmodSync(files.certificateFile, 0o644);
    await works(files);
    chmodSync(directory.path, 0o777);
    const expected = { code: 'FILE_UNREADABLE', message: /everybody may write in its directory/ };
    await assert.rejects(openSessionVerifier(files.certificateFile, options), expected);
    chmodSync(directory.path, 0o1777);
    await works(files);
  });

  it('T93 refuses a key of another user', { skip: process.geteuid?.() !== 0 }, async () => {
    using directory = temporaryDirectory();
    const files = filesIn(directory);
    await openSessionAuthority(files, options);
    chownSync(files.keyFile, 12_345, 12_345);
    await assert.rejects(openSessionAuthority(files, options), {
      code: 'FILE_UNREADABLE',
      message: /it belongs to another user/,
    });
  });

  it('makes no CA in place of one that lost a file, and says what is missing', async () => {
    using directory = temporaryDirectory();
    using pki = createPki();
    const ca = await pki.authority();
    const files = filesIn(directory);
    writeFileSync(files.keyFile, ca.key, { mode: 0o600 });
    await assert.rejects(openSessionAuthority(files, options), {
      code: 'FILE_UNREADABLE',
      message: /ca\.crt: it is missing, and its key is in .*ca\.key; put it back/,
    });
    await rm(files.keyFile);
    writeFileSync(files.certificateFile, ca.certificate);
    await assert.rejects(openSessionAuthority(files, options), {
      code: 'FILE_UNREADABLE',
      message: /Cannot use the key of the session CA .*ca\.key: there is no such file/,
    });
    assert.deepEqual(readdirSync(directory.path), ['ca.crt']);
  });

  it('refuses what does not belong together, and what is no CA', async () => {
    using pki = createPki();
    const ca = await pki.authority();
    const other = await pki.authority();
    const edwards = await pki.authority({ key: 'ed25519' });
    const weak = await pki.authority({ key: 'rsa-1024' });
    for (const { keyPath } of [ca, other, edwards, weak]) chmodSync(keyPath, 0o600);
    const opens = (certificateFile: string, keyFile: string) =>
      openSessionAuthority({ certificateFile, keyFile }, options);
    for (const [certificateFile, keyFile, message] of [
      [ca.certificatePath, other.keyPath, /no certificate in it belongs to the key/],
      [ca.certificatePath, secretFile(pki.write('none.pem', 'x')), /it holds no private key/],
      [edwards.certificatePath, edwards.keyPath, /neither an RSA nor an ECDSA key/],
      [weak.certificatePath, weak.keyPath, /1024 bits/],
      [pki.write('junk.crt', 'junk'), ca.keyPath, /it holds no certificate/],
      [
        ca.certificatePath,
        secretFile(pki.write('long.pem', 'x'.repeat(keyFileBytesMax + 1))),
        /it is longer than 65536 bytes/,
      ],
    ] as const) {
      await assert.rejects(opens(certificateFile, keyFile), { code: 'FILE_UNREADABLE', message });
    }
    const key = createPrivateKey(ca.key);
    const encrypted = key.export({
      ...{ format: 'pem', type: 'pkcs8' },
      ...{ cipher: 'aes-256-cbc', passphrase: 'x' },
    });
    const locked = secretFile(pki.write('locked.pem', encrypted.toString()));
    await assert.rejects(opens(ca.certificatePath, locked), /without a passphrase/);
  });

  it('says why it cannot make a CA', async () => {
    using directory = temporaryDirectory();
    await assert.rejects(
      openSessionAuthority(
        { certificateFile: directory.file('none/ca.crt'), keyFile: directory.file('none/ca.key') },
        options,
      ),
      {
        code: 'SESSION_AUTHORITY_UNUSABLE',
        message: /ca\.key: there is no such file or directory/,
      },
    );
    await mkdir(directory.file('ca.key'));
    await assert.rejects(openSessionAuthority(filesIn(directory), options), {
      code: 'FILE_UNREADABLE',
    });
  });
});

describe('openSessionVerifier', () => {
  it('takes as many CAs as may be good at once, and not a bundle of public ones', async () => {
    using pki = createPki();
    const authorities = await Promise.all(
      Array.from({ length: sessionAuthoritiesMax + 1 }, () => pki.authority()),
    );
    const pem = authorities.map(({ certificate }) => certificate);
    await openSessionVerifier(pki.write('most.pem', ...pem.slice(1)), options);
    await assert.rejects(openSessionVerifier(pki.write('over.pem', ...pem), options), {
      code: 'FILE_UNREADABLE',
      message: /it holds more than 8 certificates/,
    });
  });
});
