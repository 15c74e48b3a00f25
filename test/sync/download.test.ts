import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { redirectsMax } from '../../src/sync/limits.ts';
import { Throttle } from '../../src/sync/throttle.ts';
import { startAnsweringServer } from '../support/answering-server.ts';
import { createPki } from '../support/pki.ts';
import { freePort } from '../support/processes.ts';
import { feedProblem, openFeed } from './feed-fixture.ts';

const bytes = 'abcdefghij'.repeat(10_000);

describe('download()', () => {
  it('gives the bytes of a file below the feed, by its name as it is', async () => {
    await using server = await startAnsweringServer();
    server.answer((request, response) => response.end(request.url));
    await using feed = openFeed({ feed: `${server.url}/a%20b?token=t` });
    assert.equal(await feed.text('c d/e%2f~+#?.rpm'), '/a%20b/c%20d/e%252f~%2B%23%3F.rpm?token=t');
  });

  it('goes on where the connection broke, with the same file or not at all', async () => {
    await using server = await startAnsweringServer();
    let cuts = 0;
    server.answer((request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(from > 0 ? 206 : 200, {
        'content-length': bytes.length - from,
        etag: '"one"',
        ...(from > 0 && range),
      });
      cuts += 1;
      if (cuts > 3) return response.end(bytes.slice(from));
      return response.write(bytes.slice(from, from + 20_000), () => response.destroy());
    });
    await using feed = openFeed({ feed: server.url });
    assert.equal(await feed.text('x'), bytes);
    const last = server.requests.at(-1)?.request.headers;
    assert.ok(Number(last?.range?.slice(6, -1)) > 0);
    assert.equal(last?.['if-range'], '"one"');
  });

  it('begins anew where the server knows no ranges, and gives each byte once', async () => {
    await using server = await startAnsweringServer();
    let isFirst = true;
    server.answer((_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      if (!isFirst) return response.end(bytes);
      isFirst = false;
      return response.write(bytes.slice(0, 33_333), () => response.destroy());
    });
    await using feed = openFeed({ feed: server.url });
    assert.equal(await feed.text('x'), bytes);
  });

  it('refuses a range that it did not ask for', async () => {
    await using server = await startAnsweringServer();
    server.answer((_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 5-9/10', 'content-length': 5 });
      response.end('fghij');
    });
    await using feed = openFeed({ feed: server.url });
    assert.match(await feed.text('x'), /answered with another range/);
  });

  it('asks again what is busy, as often as it may, and not what is missing', async () => {
    await using server = await startAnsweringServer();
    server.answer((_, response) => response.writeHead(503).end());
    await using feed = openFeed({ feed: server.url }, { attempts: 2 });
    assert.match(await feed.text('x'), /answered with the status 503$/);
    assert.equal(server.requests.length, 2);
    server.answer((_, response) => response.writeHead(404).end());
    assert.match(await feed.text('x'), /answered with the status 404$/);
    assert.equal(server.requests.length, 3);
  });

  it('leaves who is busy alone for as long as it asks for, and gives up who asks for too long', async () => {
    await using server = await startAnsweringServer();
    const ways = [() => '2', () => new Date(Date.now() + 4000).toUTCString()];
    for (const after of ways) {
      const times: number[] = [];
      server.answer((_, response) => {
        times.push(performance.now());
        if (times.length > 1) return response.end('there');
        return response.writeHead(429, { 'retry-after': after() }).end();
      });
      await using feed = openFeed({ feed: server.url }, { attempts: 2 });
      assert.equal(await feed.text('x'), 'there');
      const [first = 0, second = 0] = times;
      // A date is of whole seconds, and the request was on its way.
      assert.ok(second - first >= 1900, `${second - first} ms`);
    }
    let asked = 0;
    server.answer((_, response) => {
      asked += 1;
      response.writeHead(503, { 'retry-after': '3600' }).end();
    });
    await using feed = openFeed({ feed: server.url }, { fileSeconds: 3599 });
    assert.match(await feed.text('x'), /answered with the status 503$/);
    assert.equal(asked, 1);
  });

  it('gives up who sends nothing, and who takes too long', async () => {
    await using server = await startAnsweringServer();
    server.answer((_, response) => void response.writeHead(200).write('a'));
    const idle = await feedProblem({ feed: server.url }, { idleSeconds: 1, attempts: 1 });
    assert.match(idle, /^problem: Cannot fetch .*(?:timeout|terminated)/i);
    const late = await feedProblem({ feed: server.url }, { fileSeconds: 1 });
    assert.match(late, /did not arrive within 1 s$/);
  });

  it('takes as many bytes as it may, and not one more', async () => {
    await using server = await startAnsweringServer();
    server.answer((_, response) => response.end('1234567890'));
    await using feed = openFeed({ feed: server.url });
    assert.equal(await feed.text('x', { bytesMax: 10 }), '1234567890');
    assert.match(await feed.text('x', { bytesMax: 9 }), /it is over 9 bytes$/);
  });
});

describe('redirects of a feed', () => {
  it('are followed as often as they may, and not once more', async () => {
    await using server = await startAnsweringServer();
    server.answer((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('there');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    await using feed = openFeed({ feed: server.url });
    assert.equal(await feed.text(`${redirectsMax}`), 'there');
    assert.match(await feed.text(`${redirectsMax + 1}`), /redirects more than 5 times$/);
  });

  it('T89 give another origin neither password nor certificate nor cookies', async () => {
    using pki = createPki();
    const ca = await pki.authority();
    const { certificate: cert, key } = await pki.server(ca);
    const client = await pki.client(ca);
    const options = { cert, key, requestCert: true, rejectUnauthorized: false };
    await using own = await startAnsweringServer(options);
    await using other = await startAnsweringServer(options);
    const seen: string[] = [];
    for (const server of [own, other]) {
      server.answer((request, response) => {
        const subject = (request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody';
        const { authorization = 'nothing', cookie = 'nothing' } = request.headers;
        seen.push(`${request.url} ${subject} ${authorization} ${cookie}`);
        if (request.url === '/there') return response.end('there');
        const location = request.url === '/here' ? '/own' : `${other.url}/there`;
        return response.writeHead(302, { location, 'set-cookie': 'a=b' }).end();
      });
    }
    await using feed = openFeed({
      feed: own.url,
      ssl_ca_cert: ca.certificate,
      ssl_client_cert: client.certificate,
      ssl_client_key: client.key,
      basic_auth_username: 'u',
      basic_auth_password: 'p:w',
    });
    assert.equal(await feed.text('here'), 'there');
    const secret = `client Basic ${Buffer.from('u:p:w').toString('base64')} nothing`;
    assert.deepEqual(seen, [`/here ${secret}`, `/own ${secret}`, '/there nobody nothing nothing']);
  });

  it('T29 lead to http: and https: alone, however a scheme is spelled', async () => {
    await using server = await startAnsweringServer();
    await using feed = openFeed({ feed: server.url });
    const locations = [
      ...['file:///etc/passwd', 'FILE:///etc/passwd', 'file:/etc/passwd', 'file:etc/passwd'],
      ...['%66ile:///etc/passwd/../x:', 'ftp://127.0.0.1/x', 'gopher://127.0.0.1/x', 'data:,x'],
      ...['unix:/run/x.sock', 'http:///', 'http://', 'https://:1/'],
    ];
    for (const location of locations) {
      server.answer((request, response) =>
        request.url === '/x' ? response.writeHead(302, { location }).end() : response.end('own'),
      );
      const text = await feed.text('x');
      // What has no scheme is a path of the same server.
      if (location.startsWith('%')) assert.equal(text, 'own');
      else assert.match(text, /redirects to what is no http: or https: URL$/, location);
    }
  });

  it('never go from https: to http:', async () => {
    using pki = createPki();
    const ca = await pki.authority();
    const { certificate: cert, key } = await pki.server(ca);
    await using plain = await startAnsweringServer();
    await using server = await startAnsweringServer({ cert, key });
    server.answer((_, response) => response.writeHead(302, { location: plain.url }).end());
    const problem = await feedProblem({ feed: server.url, ssl_ca_cert: ca.certificate });
    assert.match(problem, /redirects from https: to http:/);
    assert.equal(plain.requests.length, 0);
  });
});

describe('addresses of a feed', () => {
  const inner = [
    ...['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '0', '0.0.0.0', '[::1]', '[::]'],
    ...[
      '169.254.169.254',
      '[fe80::1]',
      '[::ffff:127.0.0.1]',
      '[fd00::1]',
      '10.0.0.1',
      '192.168.1.1',
    ],
  ];

  it('T88 are public, unless they are listed', async () => {
    await using server = await startAnsweringServer();
    const { port } = new URL(server.url);
    for (const host of inner) {
      const problem = await feedProblem({ feed: `http://${host}:${port}/` }, { addresses: [] });
      assert.match(problem, /it is at .*, which is no public address/, host);
    }
    assert.equal(server.connections(), 0);
  });

  it('T88 are so after each redirect, too', async () => {
    await using server = await startAnsweringServer();
    await using feed = openFeed({ feed: server.url }, { addresses: ['127.0.0.1/32'] });
    for (const host of ['127.0.0.2', 'metadata.localhost', '[::1]', '169.254.169.254']) {
      server.answer((_, response) =>
        response.writeHead(302, { location: `http://${host}:1/` }).end(),
      );
      const problem = await feed.text('x');
      if (host !== 'metadata.localhost') assert.match(problem, /no public address/, host);
      else assert.match(problem, /^problem: /);
    }
  });

  it('T88 hold for the proxy as well', async () => {
    const config = { feed: 'http://192.0.2.1/', proxy_host: '127.0.0.1', proxy_port: 1 };
    assert.match(await feedProblem(config, { addresses: [] }), /no public address/);
    const byName = { ...config, feed: 'http://example.org/', proxy_host: 'http://localhost' };
    const named = /no public address; sync\.addresses can name its network$/;
    assert.match(await feedProblem(byName, { addresses: [] }), named);
  });
});

describe('TLS of a feed', () => {
  it('T89a is verified, by the CA of the feed or not at all where that is said', async () => {
    using pki = createPki();
    const ca = await pki.authority();
    const { certificate: cert, key } = await pki.server(ca);
    await using server = await startAnsweringServer({ cert, key });
    server.answer((_, response) => response.end('yes'));
    const refused = await feedProblem({ feed: server.url });
    assert.match(refused, /^problem: Cannot fetch .*(?:certificate|issuer)/);
    assert.equal(server.requests.length, 0);
    await using trusted = openFeed({ feed: server.url, ssl_ca_cert: ca.certificate });
    assert.equal(await trusted.text('x'), 'yes');
    await using unverified = openFeed({ feed: server.url, ssl_validation: false });
    assert.equal(await unverified.text('x'), 'yes');
  });

  it('T89a is verified of another origin, whatever is said of the feed', async () => {
    using pki = createPki();
    const { certificate: cert, key } = await pki.server(await pki.authority());
    await using own = await startAnsweringServer({ cert, key });
    await using other = await startAnsweringServer({ cert, key });
    own.answer((_, response) => response.writeHead(302, { location: other.url }).end());
    const problem = await feedProblem({ feed: own.url, ssl_validation: false });
    assert.match(problem, /^problem: Cannot fetch .*(?:certificate|issuer)/);
    assert.equal(other.requests.length, 0);
  });

  it('refuses what is no PEM text before anything is asked', async () => {
    const config = { feed: `https://127.0.0.1:${await freePort()}/`, ssl_client_cert: 'nonsense' };
    assert.match(await feedProblem(config), /expected PEM text$/);
  });
});

describe('Throttle', () => {
  it('lets so many bytes pass in a second, whoever takes them', async () => {
    const signal = new AbortController().signal;
    const throttle = new Throttle(10_000);
    const begun = performance.now();
    await Promise.all([throttle.pass(1000, signal), throttle.pass(1000, signal)]);
    // A timer may fire a millisecond early.
    assert.ok(performance.now() - begun > 195);
  });

  it('ends when the sync does', async () => {
    const throttle = new Throttle(1);
    await assert.rejects(throttle.pass(1_000_000, AbortSignal.timeout(10)));
  });
});
