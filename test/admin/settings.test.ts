import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Failure } from '../../src/admin/failure.ts';
import {
  loadSettings,
  readSettingsFiles,
  settingsBytesMax,
  settingsFiles,
} from '../../src/admin/settings/load.ts';
import type { AdminSettings } from '../../src/admin/settings/settings.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** What the files say together; each is `[text, flags]`. */
async function read(
  ...files: readonly (readonly [text: string, isOurs: boolean])[]
): Promise<AdminSettings | Failure> {
  using directory = temporaryDirectory();
  const written = files.map(([text, isOurs], index) => {
    const file = directory.file(`${index}.conf`);
    writeFileSync(file, text, { mode: 0o600 });
    return { path: file, isOurs, isPersonal: true, isNamed: false };
  });
  return await readSettingsFiles(written);
}

async function readPulp(text: string): Promise<AdminSettings> {
  const settings = await read([text, false]);
  assert.ok(!(settings instanceof Failure), settings instanceof Failure ? settings.lines[0] : '');
  return settings;
}

describe('settings of portcullis-admin', () => {
  it('settings of portcullis-admin have the defaults of pulp-admin', async () => {
    const home = homedir();
    assert.deepEqual(await readPulp(''), {
      host: hostname(),
      port: 443,
      apiPrefix: '/pulp/api',
      verifyTls: true,
      caPath: undefined,
      sessionFile: path.join(home, '.pulp/user-cert.pem'),
      uploadDirectory: path.join(home, '.pulp/uploads'),
      uploadChunkBytes: 1_048_576,
      username: undefined,
      password: undefined,
      namesProxy: false,
    });
  });

  it("settings of portcullis-admin are read from pulp-admin's file as it is shipped", async () => {
    const settings = await readPulp(`[server]
host: pulp.example
port: 8443
api_prefix: /pulp/api/
verify_ssl: False
ca_path: ~/ca.pem
upload_chunk_size: 1048576
proxy_host: proxy.example
[client]
role: admin
[filesystem]
extensions_dir: /usr/lib/pulp/admin/extensions
id_cert_dir: /var/lib/sessions
id_cert_filename: me.pem
[logging]
filename: ~/.pulp/admin.log
[output]
poll_frequency_in_seconds: 1
enable_color: true
[auth]
username: joe
password: s3cret
`);
    assert.deepEqual(settings, {
      host: 'pulp.example',
      port: 8443,
      apiPrefix: '/pulp/api',
      verifyTls: false,
      caPath: path.join(homedir(), 'ca.pem'),
      sessionFile: '/var/lib/sessions/me.pem',
      uploadDirectory: path.join(homedir(), '.pulp', 'uploads'),
      uploadChunkBytes: 1_048_576,
      username: 'joe',
      password: 's3cret',
      namesProxy: true,
    });
  });

  it('settings of portcullis-admin that are empty are not there', async () => {
    const empty = `[server]\nhost:\nport:\napi_prefix:\nverify_ssl:\nca_path:\n[auth]\nusername:\npassword:\n`;
    assert.deepEqual(await readPulp(empty), await readPulp(''));
  });

  it('settings of portcullis-admin are those of the file that is read last', async () => {
    const settings = await read(
      ['[server]\nhost: first\nport: 1\n', false],
      ['[server]\nhost: second\n', true],
    );
    assert.ok(!(settings instanceof Failure));
    assert.deepEqual([settings.host, settings.port], ['second', 1]);
  });

  it('settings of portcullis-admin come from the files of the host, then from those of the user', async () => {
    const paths = (await settingsFiles()).map((file) => file.path);
    const home = (name: string): string => path.join(homedir(), '.pulp', name);
    assert.equal(paths[0], '/etc/pulp/admin/admin.conf');
    assert.deepEqual(paths.slice(-3), [
      '/etc/portcullis/admin.conf',
      home('admin.conf'),
      home('portcullis-admin.conf'),
    ]);
  });

  const mistakes: readonly (readonly [text: string, isOurs: boolean, told: RegExp])[] = [
    ['[server]\nport: 0', false, /:2: port has to be a number from 1 to 65535\.$/],
    ['[server]\nport: 65536', false, /:2: port has to be a number from 1 to 65535\.$/],
    ['[server]\nhost: a/b', false, /:2: host has to be a host name or an IP address\.$/],
    ['[server]\napi_prefix: pulp', false, /:2: api_prefix has to be a path that begins with /],
    ['[server]\nverify_ssl: maybe', false, /:2: verify_ssl has to be true or false\.$/],
    ['[filesystem]\nid_cert_filename: a/b', false, /:2: id_cert_filename has to be a file name /],
    ['[server]\nhots: x', true, /:2: there is no setting "server\.hots"; did you mean server\.ho/],
    ['[server]\nrubbish', true, /:2: expected \[section\], or key: value\.$/],
  ];
  for (const [text, isOurs, told] of mistakes) {
    it(`settings of portcullis-admin refuse ${JSON.stringify(text)}`, async () => {
      const failure = await read([text, isOurs]);
      assert.ok(failure instanceof Failure);
      assert.deepEqual([failure.title, failure.exitCode], ['Configuration Error', 65]);
      assert.match(failure.lines[0] ?? '', /^Cannot use .+/);
      assert.match(failure.lines[0] ?? '', told);
    });
  }

  it('settings of portcullis-admin take the ports 1 and 65535', async () => {
    for (const port of [1, 65_535]) {
      assert.equal((await readPulp(`[server]\nport: ${port}`)).port, port);
    }
  });

  it('settings of portcullis-admin refuse a password that others may read, and never tell it', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('admin.conf');
    writeFileSync(file, '[auth]\nusername: joe\npassword: s3cret\n');
    for (const mode of [0o640, 0o604, 0o644]) {
      chmodSync(file, mode);
      const failure = await loadSettings(file);
      assert.ok(failure instanceof Failure);
      const [line = ''] = failure.lines;
      assert.match(line, /:3: the file has a password and others may read it; chmod 600 .+ helps/);
      assert.doesNotMatch(line, /s3cret/);
    }
    for (const mode of [0o600, 0o400, 0o700]) {
      chmodSync(file, mode);
      assert.equal(((await loadSettings(file)) as AdminSettings).password, 's3cret');
    }
  });

  it('settings of portcullis-admin refuse a file that is not there only when it is named', async () => {
    const failure = await loadSettings('/nonexistent/admin.conf');
    assert.ok(failure instanceof Failure);
    assert.match(
      failure.lines[0] ?? '',
      /^Cannot use \/nonexistent\/admin\.conf: there is no such file\.$/,
    );
    const unnamed = { isOurs: true, isPersonal: true, isNamed: false };
    const settings = await readSettingsFiles([{ ...unnamed, path: '/nonexistent/x.conf' }]);
    assert.ok(!(settings instanceof Failure));
  });

  it('settings of portcullis-admin are of a file of so many bytes at most', async () => {
    const file = (bytes: number): string => `#${'x'.repeat(bytes - 1)}`;
    assert.ok(!((await read([file(settingsBytesMax), false])) instanceof Failure));
    const failure = await read([file(settingsBytesMax + 1), false]);
    assert.ok(failure instanceof Failure);
    assert.match(failure.lines[0] ?? '', /it is longer than 1048576 bytes\.$/);
  });
});
