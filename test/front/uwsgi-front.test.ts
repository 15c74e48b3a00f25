/** Attacks on the trust boundary, on the raw socket: T01 to T09. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import {
  basic,
  startApplication,
  type TestApplication,
  writeTree,
} from '../support/application.ts';
import { type Credential, createPki } from '../support/pki.ts';
import type { VariablePairs } from '../support/uwsgi-client.ts';

const pki = createPki();
const target = '/pulp/repos/acme/el9/secret.txt';
const https: VariablePairs = [['HTTPS', 'on']];
let application: TestApplication;
let entitled: Credential;
let stranger: Credential;

before(async () => {
  const authority = await pki.authority();
  entitled = await pki.client(authority, { subject: '/O=Acme/CN=alice' });
  stranger = await pki.client(await pki.authority({ subject: '/O=Other/CN=CA' }));
  const htpasswd = pki.write('htpasswd', `alice:${await hashPassword('right', 10)}\n`);
  writeTree(pki.file('root'), { 'secret.txt': 'the secret\n' });
  const root = pki.file('root');
  application = await startApplication({
    distributions: [
      { relativeUrl: 'acme/el9', root, access: { certificate: { ca: authority.certificatePath } } },
      { relativeUrl: 'basic', root, access: { password: { file: htpasswd } } },
      { relativeUrl: 'open', root, access: 'public' },
      { relativeUrl: 'near', root, access: { address: { allow: ['192.0.2.0/24'] } } },
    ],
  });
});
after(async () => {
  await application[Symbol.asyncDispose]();
  pki[Symbol.dispose]();
});

async function assertDenied(more: VariablePairs, status = 403, at = target): Promise<void> {
  const answer = await application.get(at, more);
  assert.equal(answer.status, status, JSON.stringify(more).slice(0, 200));
  assert.doesNotMatch(answer.body.toString(), /the secret/);
  assert.equal(answer.headers['x-accel-redirect'] ?? answer.headers['x-sendfile'], undefined);
}

async function assertAllowed(more: VariablePairs, at = target): Promise<void> {
  const answer = await application.get(at, more);
  assert.equal(answer.status, 200);
  assert.equal(answer.body.toString(), 'the secret\n');
}

describe('the uwsgi front', () => {
  test('the parameter SSL_CLIENT_CERT of the right CA is let in', async () => {
    await assertAllowed([['SSL_CLIENT_CERT', entitled.certificate]]);
  });

  test('T01 no header that a client can send is taken for a certificate', async () => {
    const names = [
      'HTTP_X_CLIENT_CERT',
      'HTTP_SSL_CLIENT_CERT',
      'HTTP_CLIENT_CERT',
      'HTTP_X_SSL_CERT',
      'HTTP_X_FORWARDED_CLIENT_CERT',
      'HTTP_X_FORWARDED_TLS_CLIENT_CERT',
    ];
    for (const name of names) {
      await assertDenied([
        [name, entitled.certificate.replaceAll('\n', '')],
        ['HTTP_SSL_CLIENT_VERIFY', 'SUCCESS'],
      ]);
    }
  });

  test('T02 spellings of the header beside the parameter change nothing, in either order', async () => {
    const aliases: VariablePairs = [
      ['HTTP_SSL_CLIENT_CERT', encodeURIComponent(entitled.certificate)],
      ['HTTP_SSL.CLIENT.CERT', encodeURIComponent(entitled.certificate)],
    ];
    for (const alias of aliases) {
      await assertDenied([alias, ['SSL_CLIENT_CERT', stranger.certificate]]);
      await assertDenied([['SSL_CLIENT_CERT', stranger.certificate], alias]);
    }
  });

  test('T03 two parameters of one name that differ are 400', async () => {
    const pairs: VariablePairs = [
      ['SSL_CLIENT_VERIFY', 'NONE'],
      ['SSL_CLIENT_CERT', stranger.certificate],
      ['REMOTE_ADDR', '192.0.2.1'],
      ['HTTPS', ''],
    ];
    const second: Record<string, string> = {
      SSL_CLIENT_VERIFY: 'SUCCESS',
      SSL_CLIENT_CERT: entitled.certificate,
      REMOTE_ADDR: '127.0.0.1',
      HTTPS: 'on',
    };
    for (const [name, value] of pairs) {
      await assertDenied(
        [
          [name, value],
          [name, second[name] ?? ''],
        ],
        400,
      );
    }
  });

  test('T03 two Authorization headers are 400, on public content too', async () => {
    const twice: VariablePairs = [
      ['HTTP_AUTHORIZATION', basic('alice', 'wrong')],
      ['HTTP_AUTHORIZATION', basic('alice', 'right')],
    ];
    await assertDenied([...https, ...twice], 400, '/pulp/repos/basic/secret.txt');
    await assertDenied(twice, 400, '/pulp/repos/open/secret.txt');
  });

  test('T04 hop-by-hop tricks in Connection strip nothing that was believed', async () => {
    const connection: [string, string] = [
      'HTTP_CONNECTION',
      'close, X-Real-IP, SSL-Client-Verify, SSL-Client-Cert, Authorization',
    ];
    await assertDenied([connection]);
    await assertAllowed([connection, ['SSL_CLIENT_CERT', entitled.certificate]]);
  });

  test('T05 X-Forwarded-For never changes the address', async () => {
    const near = '/pulp/repos/near/secret.txt';
    await assertDenied(
      [
        ['REMOTE_ADDR', '198.51.100.1'],
        ['HTTP_X_FORWARDED_FOR', '192.0.2.1'],
        ['HTTP_X_REAL_IP', '192.0.2.1'],
        ['HTTP_FORWARDED', 'for=192.0.2.1'],
      ],
      403,
      near,
    );
    await assertAllowed([['REMOTE_ADDR', '192.0.2.1']], near);
    assert.equal(application.log.at(-2)?.address, '198.51.100.1');
  });

  test('an address that the front does not give is no address', async () => {
    for (const address of ['', 'unix:', '192.0.2.1, 127.0.0.1', 'localhost']) {
      await assertDenied([['REMOTE_ADDR', address]], 403, '/pulp/repos/near/secret.txt');
    }
  });

  test('T07 a certificate for `alice` and the user `alice` are two principals', async () => {
    await assertAllowed([['SSL_CLIENT_CERT', entitled.certificate]]);
    assert.match(String(application.log.at(-1)?.principal), /^certificate:[0-9a-f]{64}$/);
    assert.match(String(application.log.at(-1)?.subject), /CN=alice/);
    const authorization: [string, string] = ['HTTP_AUTHORIZATION', basic('alice', 'right')];
    await assertAllowed([...https, authorization], '/pulp/repos/basic/secret.txt');
    assert.equal(application.log.at(-1)?.principal, 'basic:alice');
    await assertDenied([...https, authorization]);
    await assertDenied(
      [...https, ['SSL_CLIENT_CERT', entitled.certificate]],
      401,
      '/pulp/repos/basic/secret.txt',
    );
  });

  test('T08 anything but certificates in SSL_CLIENT_CERT is denied, and logged on one line', async () => {
    const values = [
      'alice',
      entitled.key,
      entitled.certificate + entitled.key,
      `junk\r\n{"level":"info"}${entitled.certificate}`,
      entitled.certificate.slice(0, 300),
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    ];
    for (const value of values) {
      await assertDenied([['SSL_CLIENT_CERT', value]]);
      const line = application.log.at(-1);
      assert.equal(line?.outcome, 'deny');
      assert.doesNotMatch(JSON.stringify(line), /PRIVATE KEY|[\r\n]/);
    }
  });

  test('T08 an empty SSL_CLIENT_CERT is none', async () => {
    await assertDenied([['SSL_CLIENT_CERT', '']]);
    assert.match(String(application.log.at(-1)?.reason), /no client certificate/);
  });

  test('T09 the certificate is verified here, whatever SSL_CLIENT_VERIFY says', async () => {
    const values = ['SUCCESS', 'GENEROUS', 'FAILED:unable to verify the first certificate', ''];
    for (const value of values) {
      const said: [string, string] = ['SSL_CLIENT_VERIFY', value];
      await assertAllowed([said, ['SSL_CLIENT_CERT', entitled.certificate]]);
      await assertDenied([said, ['SSL_CLIENT_CERT', stranger.certificate]]);
      await assertDenied([said]);
    }
  });

  test('T09 SSL_CLIENT_VERIFY=NONE beside a certificate is denied, and the log says why', async () => {
    await assertDenied([
      ['SSL_CLIENT_VERIFY', 'NONE'],
      ['SSL_CLIENT_CERT', entitled.certificate],
    ]);
    assert.match(String(application.log.at(-1)?.reason), /SSL_CLIENT_VERIFY=NONE/);
  });

  test('Apache’s SSL_CLIENT_CERT_CHAIN_n are read as intermediates', async () => {
    const root = await pki.authority({ subject: '/O=Deep/CN=Root' });
    const middle = await pki.authority({ subject: '/O=Deep/CN=Middle' }, root);
    const leaf = await pki.client(middle);
    await using deep = await startApplication({
      distributions: [
        {
          relativeUrl: 'acme/el9',
          root: pki.file('root'),
          access: { certificate: { ca: root.certificatePath } },
        },
      ],
    });
    const alone = await deep.get(target, [['SSL_CLIENT_CERT', leaf.certificate]]);
    assert.equal(alone.status, 403);
    const chain = await deep.get(target, [
      ['SSL_CLIENT_CERT', leaf.certificate],
      ['SSL_CLIENT_CERT_CHAIN_0', middle.certificate],
    ]);
    assert.equal(chain.status, 200);
  });

  test('T53 a malformed Authorization header is 400, and never lets anybody in anonymously', async () => {
    for (const value of ['Basic', 'Basic !!!', `Basic ${btoa('no colon')}`, '', 'Basic ====']) {
      const expected = value === '' ? 200 : 400;
      const answer = await application.get('/pulp/repos/open/secret.txt', [
        ['HTTP_AUTHORIZATION', value],
      ]);
      assert.equal(answer.status, expected, value);
    }
  });
});
