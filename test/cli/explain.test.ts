import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import { makeKey, makeToken, writeKeySet } from '../auth-plugins/jwt/token-fixture.ts';
import { sign, writeUrlKeys } from '../identity/signed-urls/url-fixture.ts';
import { needs } from '../support/needs.ts';
import { createPki } from '../support/pki.ts';
import { type ConfiguredDirectory, directoryWith, hasStackTrace, portcullis } from './program.ts';

async function site(): Promise<ConfiguredDirectory> {
  const directory = directoryWith(`
plugins: [./broken.mjs]
distributions:
  - relativeUrl: acme
    root: .
    access:
      any:
        - password: { file: users }
        - address: { allow: [10.20.0.0/16] }
  - { relativeUrl: broken, root: ., access: broken }
`);
  writeFileSync(directory.file('users'), `alice:${await hashPassword('wonderland')}\n`);
  writeFileSync(directory.file('file'), 'content');
  writeFileSync(
    directory.file('broken.mjs'),
    `export const plugin = { apiVersion: 1, name: 'broken', summary: 'breaks', parseOptions: () => ({}),
      create: () => ({ authorize() { throw new Error('the \\u001b[2Jdatabase is away'); } }) };`,
  );
  return directory;
}

describe('portcullis explain', () => {
  it('portcullis explain ends with 0 and draws the tree when the client gets the file', async () => {
    using directory = await site();
    const line = ['explain', '/pulp/repos/acme/file', '--config', directory.configuration];
    const address = [...line, '--address', '10.20.0.7'];
    const ascii = await portcullis(address);
    assert.equal(ascii.code, 0);
    const [root, password, rule, empty, sentence, end] = ascii.out.split('\n');
    assert.equal(root, '+ any (allow)');
    assert.match(password ?? '', /^\|- x password \(deny\): ./);
    assert.match(rule ?? '', /^`- \+ address \(allow\)/);
    assert.equal(empty, '');
    assert.match(
      sentence ?? '',
      /^GET \/pulp\/repos\/acme\/file in the distribution acme is served: .+\. The client sees 200\.$/,
    );
    assert.equal(end, '');
    const unicode = await portcullis(address, { environment: { LANG: 'de_DE.UTF-8' } });
    assert.match(unicode.out, /^✓ any \(allow\)\n├─ ✗ password \(deny\).+\n└─ ✓ address/);
    assert.equal(unicode.out.includes('\u001b'), false);
  });

  it('portcullis explain ends with 1 for a refusal and for what is not there', async () => {
    using directory = await site();
    const config = ['--config', directory.configuration];
    const refused = await portcullis(['explain', '/pulp/repos/acme/file', ...config]);
    assert.equal(refused.code, 1);
    assert.match(
      refused.out,
      /is refused: .+\. The client sees 401\.\nPlayed without --cert, --user, --address\.\n$/,
    );
    const missing = await portcullis(['explain', '/pulp/repos/none/file', ...config]);
    assert.equal(missing.code, 1);
    assert.match(missing.out, /^GET .*finds nothing: .+\. The client sees 404\.\n$/);
  });

  it('portcullis explain ends with 2 when a rule fails, and prints its words harmlessly', async () => {
    using directory = await site();
    const { code, out, err } = await portcullis([
      'explain',
      '/pulp/repos/broken/file',
      ...['--config', directory.configuration],
    ]);
    assert.equal(code, 2);
    assert.match(out, /^! broken \(fault\): /);
    assert.match(out, /could not be decided: .+\. The client sees 503\.\n$/);
    assert.equal((out + err).includes('\u001b'), false);
  });

  it('portcullis explain reads the password from a line of the standard input', async () => {
    using directory = await site();
    const line = ['explain', '/pulp/repos/acme/file', '--user', 'alice'];
    const config = ['--config', directory.configuration];
    const codeFor = async (input: string, ...more: string[]): Promise<number | null> =>
      (await portcullis([...line, ...more, ...config], { input })).code;
    assert.equal(await codeFor('wonderland\nignored\n'), 0);
    assert.equal(await codeFor('wonderland\r\n', '--password-stdin'), 0);
    assert.equal(await codeFor('wonderlan\n'), 1);
    assert.equal(await codeFor('wonderland\n', '--method', 'HEAD'), 0);
  });

  it('portcullis explain plays a token, a user of the front and a signed URL', async () => {
    using directory = directoryWith(`
distributions:
  - relativeUrl: acme
    root: .
    access:
      any:
        - jwt: { issuer: i, audience: a, algorithms: [ES256], jwksFile: jwks.json }
        - remote-user: { users: [ann] }
        - signed-url: { keys: url-keys }
`);
    writeFileSync(directory.file('file'), 'content');
    const key = await makeKey('one');
    writeKeySet(directory.file('jwks.json'), key.jwk);
    const keys = writeUrlKeys(directory);
    const exp = Math.floor(Date.now() / 1000) + 600;
    const claims = { iss: 'i', aud: 'a', exp };
    writeFileSync(directory.file('token'), `${await makeToken(key, claims)}\r\nignored\n`);
    const url = await sign(keys, '/pulp/repos/acme/file', {
      from: new Date(),
      expires: new Date(exp * 1000),
    });
    const play = (target: string, ...more: readonly string[]) =>
      portcullis(['explain', target, '--config', directory.configuration, ...more]);
    const file = '/pulp/repos/acme/file';
    const byToken = await play(file, '--bearer', directory.file('token'));
    assert.match(byToken.out, /is served to plugin:jwt:i ann \(ann\): allowed by jwt\./);
    const byName = await play(file, '--remote-user', 'ann');
    assert.match(byName.out, /is served to remote-user:ann: allowed by remote-user\./);
    const byUrl = await play(url);
    assert.match(byUrl.out, /is served to plugin:signed-url:new .*: allowed by signed-url\./);
    const refused = await play(url.replace('file', 'else'), '--address', '192.0.2.1');
    assert.match(refused.out, /jwt \(deny\): no Bearer token was sent\n/);
    assert.match(refused.out, /remote-user \(abstain\)\n/);
    assert.match(
      refused.out,
      /signed-url \(deny\): the URL does not let in: the signature by the key/,
    );
    assert.match(refused.out, /\nPlayed without --cert, --user, --bearer, --remote-user\.\n$/);
    const empty = await play(file, '--bearer', '/dev/null');
    assert.deepEqual([empty.code, empty.out], [64, '']);
    assert.match(empty.err, /^Cannot explain with the token: /);
    const both = await play(file, '--bearer', '/dev/null', '--user', 'ann');
    assert.match(
      both.err,
      /^Cannot use --user and --bearer: a request has one Authorization header/,
    );
    const absent = await play(file, '--bearer', '/nowhere');
    assert.match(absent.err, /^Cannot read the token \/nowhere: there is no such file/);
  });

  it('portcullis explain --json writes the explanation as it is', async () => {
    using directory = await site();
    const { code, out } = await portcullis([
      'explain',
      'https://localhost/pulp/repos/acme/file?x=y',
      ...['--address', '10.20.0.7', '--json', '--config', directory.configuration],
    ]);
    assert.equal(code, 0);
    const explanation = JSON.parse(out);
    assert.equal(explanation.outcome, 'allow');
    assert.equal(explanation.status, 200);
    assert.equal(explanation.path, '/pulp/repos/acme/file');
    assert.equal(explanation.tree.children[1].label, 'address');
  });

  it('portcullis explain tells a wrong query in one sentence', async () => {
    using directory = await site();
    const fail = async (code: number, ...more: string[]): Promise<string> => {
      const line = ['explain', '/pulp/repos/acme/file', '--config', directory.configuration];
      const ran = await portcullis([...line, ...more]);
      assert.deepEqual([ran.code, ran.out, hasStackTrace(ran.err)], [code, '', false], ran.err);
      return ran.err;
    };
    assert.match(
      await fail(66, '--cert', '/nowhere'),
      /^Cannot read the certificate \/nowhere: there is no such file/,
    );
    assert.match(await fail(64, '--method', 'PUT'), /expected --method GET or --method HEAD/);
    assert.match(await fail(64, '--password-stdin'), /it needs --user/);
    assert.match(await fail(64, '--address', 'here'), /^Cannot /);
    assert.match(
      await fail(64, '--cert', '/dev/null'),
      /^Cannot explain with this certificate: it is empty\n$/,
    );
    assert.match(
      await fail(64, '--cert', directory.configuration),
      /^Cannot explain with this certificate: the client certificate cannot be used: ./,
    );
  });
});

describe('portcullis explain, of what is not a file', () => {
  it('portcullis explain tells of names that nobody gets, and of directories, what a client would see', async () => {
    using directory = directoryWith(`
distributions:
  - { relativeUrl: plain, root: ., access: public }
  - { relativeUrl: listed, root: ., access: public, listing: true }
`);
    mkdirSync(directory.file('sub'));
    writeFileSync(directory.file('.secret'), 'hidden');
    symlinkSync('/etc/passwd', directory.file('link'));
    const ask = async (path: string): Promise<readonly [number | null, string]> => {
      const line = ['explain', `/pulp/repos/${path}`, '--config', directory.configuration];
      const { code, out } = await portcullis(line);
      return [code, /: ([^:]+\. The client sees .*)\.\n$/.exec(out)?.[1] ?? out];
    };
    const refused = 'access is allowed, but';
    for (const [path, code, answer] of [
      ['listed/sub/', 0, 'allowed by public. The client sees 200'],
      ['listed/sub', 0, 'allowed by public. The client sees 301'],
      [
        'plain/sub/',
        1,
        `${refused} it is a directory, and the distribution lists none. The client sees 404`,
      ],
      [
        'plain/link',
        1,
        `${refused} there is no such file, or only a link that leaves the root. The client sees 404`,
      ],
    ] as const) {
      assert.deepEqual(await ask(path), [code, answer]);
    }
    const line = ['explain', '/pulp/repos/plain/.secret', '--config', directory.configuration];
    const { out } = await portcullis(line);
    assert.match(
      out,
      /the name "\.secret" is hidden: it begins with a dot and is not in content\.visibleDotNames/,
    );
  });
});

describe('portcullis explain --cert', { skip: needs('openssl') }, () => {
  it('portcullis explain --cert judges a certificate as the server would', async () => {
    using pki = createPki();
    const ca = await pki.authority();
    const client = await pki.client(ca);
    const stranger = await pki.client(await pki.authority({ subject: '/CN=other' }));
    pki.write('file', 'content');
    const configuration = pki.write(
      'portcullis.yaml',
      `distributions: [{ relativeUrl: a, root: ., access: { certificate: { ca: ${ca.certificatePath} } } }]`,
    );
    const ask = (cert: string) =>
      portcullis(['explain', '/pulp/repos/a/file', '--cert', cert, '--config', configuration]);
    const allowed = await ask(client.certificatePath);
    assert.equal(allowed.code, 0);
    assert.match(allowed.out, /certificate:[0-9a-f]{64}/);
    const key = readFileSync(client.keyPath, 'utf8');
    for (const [name, text] of [
      ['key-first.pem', `${key}${client.certificate}`],
      ['key-last.pem', `${client.certificate}${key}`.replaceAll('\n', '\r\n')],
    ] as const) {
      const beside = await ask(pki.write(name, text));
      assert.equal(beside.code, 0, `${name}: ${beside.err}`);
    }
    const refused = await ask(stranger.certificatePath);
    assert.equal(refused.code, 1);
    assert.match(refused.out, /^x certificate \(deny\): .+/);
    assert.match(refused.out, /The client sees 403\.\nPlayed without --user, --address\.\n$/);
  });
});
