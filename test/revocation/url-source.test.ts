import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createUrlSource, type UrlSourceOptions } from '../../src/revocation/url-source.ts';
import { freePort } from '../support/processes.ts';
import { startListServer } from './list-server.ts';

const never = new AbortController().signal;

function sourceOf(url: string, more: Partial<UrlSourceOptions> = {}) {
  return createUrlSource({ url, refreshSeconds: 60, ...more });
}

async function problemOf(url: string, more?: Partial<UrlSourceOptions>): Promise<string> {
  const answer = await sourceOf(url, more).read(never);
  assert.ok(answer.outcome === 'failed', answer.outcome);
  return answer.problem;
}

describe('createUrlSource', () => {
  it('createUrlSource reads what was published, and not again what was accepted', async () => {
    await using server = await startListServer();
    const source = sourceOf(server.url);
    server.publish(Buffer.from('one'));
    const first = await source.read(never);
    assert.deepEqual(first.outcome === 'read' && Buffer.from(first.bytes).toString(), 'one');
    assert.equal((await source.read(never)).outcome, 'read', 'nobody has accepted it');
    source.accept();
    assert.equal((await source.read(never)).outcome, 'same');
    server.publish(Buffer.from('two'));
    assert.equal((await source.read(never)).outcome, 'read');
    const { headers } = server.requests[0] ?? {};
    assert.equal(headers?.['accept-encoding'], 'identity');
    assert.equal(headers?.authorization, undefined);
  });

  it('createUrlSource goes by the date where there is no tag', async () => {
    await using server = await startListServer();
    const date = new Date().toUTCString();
    server.answer((request, response) => {
      const isKnown = request.headers['if-modified-since'] === date;
      response.writeHead(isKnown ? 304 : 200, { 'last-modified': date });
      response.end(isKnown ? undefined : 'one');
    });
    const source = sourceOf(server.url);
    await source.read(never);
    source.accept();
    assert.equal((await source.read(never)).outcome, 'same');
  });

  it('createUrlSource takes as many bytes as it may, and not one more', async () => {
    await using server = await startListServer();
    const bytesMax = 200_000;
    for (const announced of [true, false]) {
      const give = (bytes: number): void =>
        server.answer((_, response) => {
          response.writeHead(200, announced ? { 'content-length': bytes } : {});
          response.end(Buffer.alloc(bytes, 7));
        });
      give(bytesMax);
      const answer = await sourceOf(server.url, { bytesMax }).read(never);
      assert.ok(answer.outcome === 'read', answer.outcome);
      assert.deepEqual(Buffer.from(answer.bytes), Buffer.alloc(bytesMax, 7));
      give(bytesMax + 1);
      const problem = await problemOf(server.url, { bytesMax });
      assert.equal(problem, `its answer is over ${bytesMax} bytes`);
    }
  });

  it('createUrlSource takes nothing compressed, for which it does not ask', async () => {
    await using server = await startListServer();
    server.answer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('list'));
    });
    const expected = 'its answer is encoded (gzip), which was not asked for';
    assert.equal(await problemOf(server.url), expected);
  });

  it('createUrlSource follows no redirect, and names where it leads', async () => {
    await using server = await startListServer();
    server.answer((_, response) => {
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    });
    const problem = await problemOf(server.url);
    assert.match(problem, /redirects to "http:\/\/169\.254\.169\.254\/", which is not followed/);
    assert.equal(server.requests.length, 1);
  });

  it('createUrlSource gives the reason of everything else', async () => {
    await using server = await startListServer();
    assert.equal(await problemOf(server.url), 'it answered with the status 404');
    server.answer((_, response) => response.writeHead(304).end());
    assert.equal(await problemOf(server.url), 'it answered with the status 304');
    server.answer((_, response) => response.destroy());
    assert.match(await problemOf(server.url), /socket hang up|ECONNRESET/);
    server.answer((_, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('half', () => response.destroy());
    });
    assert.notEqual(await problemOf(server.url), '');
    const closed = `http://127.0.0.1:${await freePort()}/`;
    assert.match(await problemOf(closed), /ECONNREFUSED/);
  });

  it('createUrlSource waits no longer than it may, for the head and for the body', async () => {
    await using server = await startListServer();
    server.answer(() => {});
    const expected = 'it did not answer within 0.2 s';
    assert.equal(await problemOf(server.url, { secondsMax: 0.2 }), expected);
    server.answer((_, response) => response.writeHead(200).write('slow'));
    assert.equal(await problemOf(server.url, { secondsMax: 0.2 }), expected);
  });

  it('createUrlSource stops when the server does', async () => {
    await using server = await startListServer();
    server.answer(() => {});
    const closing = new AbortController();
    const reading = sourceOf(server.url).read(closing.signal);
    closing.abort();
    assert.equal((await reading).outcome, 'failed');
  });

  it('createUrlSource asks as often as it is told, sooner when a list ends, and later after failures', () => {
    const source = sourceOf('http://localhost/', { random: () => 0 });
    assert.equal(source.pauseSeconds(0, undefined), 60);
    assert.equal(source.pauseSeconds(0, 1000), 60);
    assert.equal(source.pauseSeconds(0, 9), 10);
    assert.equal(source.pauseSeconds(0, -5), 60);
    const pauses = [1, 2, 3, 6, 7, 100].map((failures) => source.pauseSeconds(failures, undefined));
    assert.deepEqual(pauses, [1, 2, 4, 32, 60, 60]);
    const late = sourceOf('http://localhost/', { random: () => 0.999 });
    assert.ok(late.pauseSeconds(0, undefined) > 53 && late.pauseSeconds(0, undefined) < 55);
  });
});
