/** Links that the API signs, and content takes, by one configuration. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { urlKey, writeUrlKeys } from '../identity/signed-urls/url-fixture.ts';
import {
  administer,
  asAdministrator,
  type ControlPlaneDirectory,
  configurationIn,
  controlPlaneDirectory,
} from '../support/administered.ts';
import { writeTree } from '../support/application.ts';
import { runWork } from './running-work.ts';

const origin = 'http://content.example';

function configured(directory: ControlPlaneDirectory, keys: string, ruleKeys = keys): object {
  const root = directory.file('root');
  writeTree(root, { 'a.txt': 'the file', 'in/b.txt': 'another' });
  const rule = { 'signed-url': { keys: ruleKeys, overPlainHttp: true } };
  const { store, api } = directory.settings;
  return {
    listen: { uwsgi: { address: `unix:${directory.file('uwsgi.sock')}` } },
    roles: ['content', 'api'],
    distributions: [{ relativeUrl: 'acme/el9', root, access: rule }],
    store,
    api: { ...api, links: { keys, origin } },
  };
}

function keyFile(
  directory: ControlPlaneDirectory,
  name: string,
  fill: number,
  mode: number,
): string {
  const file = directory.file(name);
  writeFileSync(file, `new:${urlKey(fill)}\n`, { mode });
  return file;
}

describe('a pool with the roles content and api, and keys of links', () => {
  it('a pool with keys of links signs links that its content takes', async () => {
    using directory = controlPlaneDirectory();
    const text = configured(directory, writeUrlKeys(directory));
    await administer(await configurationIn(directory, text));
    await using running = await runWork(directory, text);
    const link = async (body: object): Promise<string> => {
      const answer = await running.call('POST', '/pulp/api/v2/signed_links/acme/el9/', {
        authorization: asAdministrator,
        body: JSON.stringify(body),
      });
      assert.equal(answer.status, 200, answer.body.toString());
      const { url } = JSON.parse(answer.body.toString());
      assert.ok(url.startsWith(`${origin}/pulp/`), url);
      return url.slice(origin.length);
    };
    const file = await link({ path: 'a.txt' });
    const answer = await running.call('GET', file);
    assert.deepEqual([answer.status, answer.body.toString()], [200, 'the file']);
    assert.equal((await running.call('GET', file.replace('a.txt', 'in/b.txt'))).status, 403);
    assert.equal((await running.call('GET', '/pulp/repos/acme/el9/a.txt')).status, 403);
    const below = await link({ below: true, prefix: '/pulp/isos/' });
    assert.equal((await running.call('GET', below.replace('?', 'in/b.txt?'))).status, 200);
  });

  it('a pool with keys of links signs links to what repositories publish, below the prefix of each', async () => {
    using directory = controlPlaneDirectory();
    const text = configured(directory, writeUrlKeys(directory));
    await administer(await configurationIn(directory, text));
    await using running = await runWork(directory, text);
    const post = async (path: string, body: object): Promise<[number, Record<string, string>]> => {
      const authorization = asAdministrator;
      const sent = { authorization, body: JSON.stringify(body) };
      const answer = await running.call('POST', `/pulp/api/v2/${path}`, sent);
      return [answer.status, JSON.parse(answer.body.toString())];
    };
    for (const [type, secure] of [
      ['yum', 'https'],
      ['iso', 'serve_https'],
    ]) {
      const config = { relative_url: `of/${type}`, [`${secure}`.replace('https', 'http')]: false };
      const distributor = {
        ...{ distributor_id: 'd', distributor_type_id: `${type}_distributor`, auto_publish: false },
        distributor_config: { ...config, [`${secure}`]: true },
      };
      const made = await post('repositories/', { id: type, distributors: [distributor] });
      assert.equal(made[0], 201, JSON.stringify(made));
    }
    const [yum, iso] = [
      await post('signed_links/of/yum/', { path: 'a.rpm' }),
      await post('signed_links/of/iso/', { path: 'a.iso' }),
    ];
    assert.ok(yum[1].url?.startsWith(`${origin}/pulp/repos/of/yum/a.rpm?`), yum[1].url);
    assert.ok(iso[1].url?.startsWith(`${origin}/pulp/isos/of/iso/a.iso?`), iso[1].url);
    for (const [path, prefix, status] of [
      ['of/yum', '/pulp/isos/', 400],
      ['of', null, 404],
      ['of/yum/x', null, 404],
      ['of/yu', null, 404],
    ] as const) {
      const refused = await post(`signed_links/${path}/`, { path: 'a', prefix });
      assert.equal(refused[0], status, JSON.stringify(refused));
    }
  });

  it('a rule with other keys than the links have lets none of them in', async () => {
    using directory = controlPlaneDirectory();
    const keys = writeUrlKeys(directory);
    const others = keyFile(directory, 'other-keys', 9, 0o600);
    const text = configured(directory, keys, others);
    await administer(await configurationIn(directory, text));
    await using running = await runWork(directory, text);
    const answer = await running.call('POST', '/pulp/api/v2/signed_links/acme/el9/', {
      authorization: asAdministrator,
      body: JSON.stringify({ path: 'a.txt' }),
    });
    const { url } = JSON.parse(answer.body.toString());
    assert.equal((await running.call('GET', url.slice(origin.length))).status, 403);
  });

  it('T93 a file of keys that is missing, or that others may read, stops the start', async () => {
    using directory = controlPlaneDirectory();
    const right = writeUrlKeys(directory);
    const open = keyFile(directory, 'open-keys', 1, 0o644);
    for (const [keys, message] of [
      [directory.file('absent'), /^api\.links\.keys: .+absent: there is/],
      [open, /^api\.links\.keys: .+its mode is 0644/],
    ] as const) {
      await assert.rejects(runWork(directory, configured(directory, keys, right)), {
        code: 'CONFIG_INVALID',
        message,
      });
    }
  });
});
