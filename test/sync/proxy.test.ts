import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startAnsweringServer } from '../support/answering-server.ts';
import { needs } from '../support/needs.ts';
import { createPki } from '../support/pki.ts';
import { feedProblem, openFeed } from './feed-fixture.ts';
import { startProxy } from './proxy.ts';

describe('the proxy of a feed', { skip: needs('tinyproxy', 'openssl') }, () => {
  it('is asked for everything, with its password, which the feed never sees', async () => {
    await using proxy = await startProxy();
    await using server = await startAnsweringServer();
    server.answer((_, response) => response.end('yes'));
    const config = {
      feed: server.url,
      ...{ basic_auth_username: 'feed', basic_auth_password: 'secret' },
      ...{ proxy_host: '127.0.0.1', proxy_port: proxy.port },
      ...{ proxy_username: 'u', proxy_password: 'p' },
    };
    await using feed = openFeed(config);
    assert.equal(await feed.text('x'), 'yes');
    assert.match(proxy.log(), /GET http:\/\/127\.0\.0\.1:\d+\/x HTTP/);
    const { headers } = server.requests[0]?.request ?? {};
    assert.equal(headers?.['proxy-authorization'], undefined);
    assert.match(headers?.authorization ?? '', /^Basic /);
    const wrong = await feedProblem({ ...config, proxy_password: 'wrong' });
    assert.match(wrong, /^problem: Cannot fetch .*(?:407|401)/);
    assert.equal(server.requests.length, 1);
  });

  it('carries TLS through, so that the feed is verified and sees the certificate', async () => {
    using pki = createPki();
    const ca = await pki.authority();
    const { certificate: cert, key } = await pki.server(ca);
    const client = await pki.client(ca);
    await using proxy = await startProxy();
    await using server = await startAnsweringServer({
      ...{ cert, key, ca: ca.certificate },
      ...{ requestCert: true, rejectUnauthorized: true },
    });
    server.answer((_, response) => response.end('yes'));
    const config = {
      ...{ feed: server.url, ssl_ca_cert: ca.certificate },
      ...{ ssl_client_cert: client.certificate, ssl_client_key: client.key },
      ...{ proxy_host: `http://127.0.0.1:${proxy.port}` },
      ...{ proxy_username: 'u', proxy_password: 'p' },
    };
    await using feed = openFeed(config);
    assert.equal(await feed.text('x'), 'yes');
    assert.match(proxy.log(), /CONNECT 127\.0\.0\.1:\d+ HTTP/);
    const { ssl_ca_cert: _, ...untrusting } = config;
    assert.match(await feedProblem(untrusting), /certificate|issuer/);
  });

  it('T88 does not lead to addresses that are written out and not allowed', async () => {
    await using proxy = await startProxy();
    const config = { proxy_host: '127.0.0.1', proxy_port: proxy.port };
    const problem = await feedProblem({ ...config, feed: 'http://169.254.169.254/' });
    assert.match(problem, /no public address/);
    assert.doesNotMatch(proxy.log(), /169\.254/);
  });
});
