import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { describe, it } from 'node:test';
import { renderNginxConfig } from '../../src/front/nginx-config.ts';
import { newSecret } from '../../src/tokens/secret.ts';
import { loadRight } from '../config/support.ts';
import { needs } from '../support/needs.ts';
import { daysFrom } from '../support/pki.ts';
import { until } from '../support/processes.ts';
import { ask, type Front, startFront } from './nginx-fixture.ts';

const skip = needs('nginx', 'openssl');

function accessLog({ refusalLog }: Front): readonly string[] {
  const file = path.join(path.dirname(refusalLog), 'portcullis-access.log');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

function refusals({ refusalLog }: Front): string {
  return existsSync(refusalLog) ? readFileSync(refusalLog, 'utf8') : '';
}

/** What nginx's access log says of the path, of one request for each of `paths`. */
async function loggedPaths(front: Front, paths: readonly string[]): Promise<readonly string[]> {
  for (const each of paths) await ask(front.port, { path: each });
  await until('all are logged', () => accessLog(front).length === paths.length);
  return accessLog(front).map((line) => /"GET (\S+) HTTP/.exec(line)?.[1] ?? line);
}

const token = newSecret();
const percent = (text: string): string => text.replaceAll(/[\s\S]/g, escapeByte);
const escapeByte = (byte: string): string => `%${byte.charCodeAt(0).toString(16)}`;

describe('the logs of nginx', { skip }, () => {
  it('T62 the access log of nginx has the path of a request, and no query', async () => {
    await using front = await startFront({ protocol: 'uwsgi' });
    const paths = ['/', '/pulp/repos/a%20b/c.rpm', '/a?', '/a?page=2', '/a?x=1&signature=s3cret?z'];
    assert.deepEqual(await loggedPaths(front, paths), [
      '/',
      '/pulp/repos/a%20b/c.rpm',
      '/a?[query]',
      '/a?[query]',
      '/a?[query]',
    ]);
  });

  it('T62 the access log of nginx has no token of a path, however it is spelled', async () => {
    await using front = await startFront({ protocol: 'http' });
    const spellings = [
      `/acme/${token}/a.rpm`,
      `/acme/${percent(token)}/a.rpm`,
      `/acme/pct%5F${token.slice(4)}/a.rpm`,
      `/acme/pct%5f${token.slice(4)}?x`,
      `/acme/${token}`,
      `/acme/x${token}.rpm/b`,
      `/acme/${token}/b/${token}/c`,
      `/acme/pct_1234567/c`,
    ];
    assert.deepEqual(await loggedPaths(front, spellings), [
      '/acme/pct_[secret]/a.rpm',
      '/acme/pct_[secret]/a.rpm',
      '/acme/pct_[secret]/a.rpm',
      '/acme/pct_[secret]?[query]',
      '/acme/pct_[secret]',
      '/acme/xpct_[secret]/b',
      '/acme/pct_[secret]',
      '/acme/pct_1234567/c',
    ]);
  });

  for (const protocol of ['uwsgi', 'http'] as const) {
    it(`T62 no log of nginx has a secret of a request, behind which ${protocol} answers or does not`, async () => {
      const respond = (request: IncomingMessage, response: ServerResponse): void => {
        if (request.url?.includes('end')) response.destroy();
        else response.end();
      };
      await using front = await startFront({ protocol, respond });
      const basic = Buffer.from('s3cret-user:s3cret-password').toString('base64');
      const headers = ['Referer: https://localhost/a?s3cret', 'Cookie: s3cret'];
      const asked = [
        { path: '/a?s3cret', headers: [`Authorization: Basic ${basic}`, ...headers] },
        { path: '/a', headers: ['Authorization: Bearer s3cret', ...headers] },
        { path: '/end?s3cret', headers: [`Authorization: Basic ${basic}`, ...headers] },
        { path: `/end/${token}/a`, headers: [] },
        { path: `/end/${percent(token)}/a`, headers: [] },
      ];
      const statuses: number[] = [];
      for (const each of asked) statuses.push((await ask(front.port, each)).status);
      assert.deepEqual(statuses, [200, 200, 503, 503, 503]);
      await until('all are logged', () => {
        return accessLog(front).length === 2 && refusals(front).split('\n').length === 4;
      });
      const logs = [accessLog(front).join('\n'), refusals(front), front.nginx.errorLog()].join(
        '\n',
      );
      for (const secret of ['s3cret', basic, token.slice(4), percent(token)]) {
        assert.equal(logs.includes(secret), false, `${secret} in ${logs}`);
      }
    });
  }

  it('nginx tells its error log what happened to a request without a secret', async () => {
    const respond = (_: IncomingMessage, response: ServerResponse): void => {
      response.destroy();
    };
    await using front = await startFront({ protocol: 'uwsgi', respond });
    assert.equal((await ask(front.port, { path: '/end' })).status, 503);
    assert.match(front.nginx.errorLog(), /\[error\].+request: "GET \/end /);
  });

  it('T62 the refusal log of nginx has no token of a path', async () => {
    await using front = await startFront({ protocol: 'uwsgi' });
    const client = await front.pki.client(front.authority, {
      notAfter: daysFrom(new Date(), -0.5),
    });
    const paths = [`/acme/${percent(token)}/a?s3cret`, `/acme/${token}/${token}/a`];
    for (const each of paths) await ask(front.port, { client, path: each });
    await until('both are logged', () => refusals(front).split('\n').length === 3);
    const logged = refusals(front)
      .split('\n')
      .slice(0, -1)
      .map((line): unknown => JSON.parse(line).path);
    assert.deepEqual(logged, ['/acme/pct_[secret]/a', '/acme/pct_[secret]']);
  });

  it('renderNginxConfig puts the access log where it is told, or beside the refusals', async () => {
    const rendered = async (nginx: string) => renderNginxConfig(await loadRight(`nginx: ${nginx}`));
    const line = (file: string) =>
      new RegExp(`^  access_log "${file}" portcullis_access buffer=64k flush=1s;$`, 'm');
    assert.match(await rendered('{}'), line('/var/log/nginx/portcullis-access.log'));
    assert.match(await rendered('{ refusalLog: /r/x }'), line('/r/portcullis-access.log'));
    assert.match(await rendered('{ refusalLog: /r/x, accessLog: /a/y }'), line('/a/y'));
  });
});
