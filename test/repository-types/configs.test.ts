import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '../../src/repositories/documents.ts';
import { distributorType, importerType } from '../../src/repository-types/all-types.ts';
import { servedPath } from '../../src/repository-types/distribution-fields.ts';

import { mergeFeedConfig } from '../../src/repository-types/feed-url.ts';

const served = { relative_url: 'acme/el9', http: false, https: true };

describe('the configuration of an importer', () => {
  it('is kept as it was sent, without what is null', () => {
    const config = { feed: 'https://example.com/el9/', validate: true, ssl_ca_cert: null };
    const { ssl_ca_cert: _, ...kept } = config;
    assert.deepEqual(importer(config), { config: kept });
    assert.deepEqual(importer({}), { config: {} });
  });

  it('has the credentials of a feed in options of their own, percent-decoded', () => {
    const read = importer({ feed: 'http://usern%40me:pass%2Fword@example.com/repo' });
    assert.deepEqual(read, {
      config: {
        feed: 'http://example.com/repo',
        basic_auth_username: 'usern@me',
        basic_auth_password: 'pass/word',
      },
    });
    assert.ok(importerType('yum_importer')?.secrets.includes('basic_auth_password'));
  });

  it('refuses feeds that are no HTTP (T29)', () => {
    const feeds = [
      ...['file:///etc/passwd', 'FILE:///etc', 'file:/etc', 'ftp://example.com/', '//example.com/'],
      ...['http:/example.com', 'http://', 'https:\\\\example.com', 'http://a b/', 'http://a\\b/'],
      ...['javascript:alert(1)', 'http%3a//example.com/', `http://example.com/${'a'.repeat(4096)}`],
    ];
    for (const feed of feeds) assert.deepEqual(invalid(importer({ feed })), ['feed'], feed);
  });

  it('refuses what is not supported in words, and all mistakes at once', () => {
    const read = importer({ download_policy: 'on_demand', max_downloads: 0, what: 1 });
    assert.ok('problems' in read);
    const found = read.problems.map(({ property, kind }) => [property, kind]);
    assert.deepEqual(found, [
      ['download_policy', 'invalid'],
      ['max_downloads', 'invalid'],
      ['what', 'unsupported'],
    ]);
    assert.match(read.problems[0]?.message ?? '', /on_demand and background are not supported/);
  });
});

describe('a change of an importer', () => {
  const present = {
    feed: 'https://one.example/el9/',
    basic_auth_username: 'u',
    basic_auth_password: 'p',
    query_auth_token: 't',
    ssl_client_cert: 'c',
    ssl_client_key: 'k',
    proxy_host: 'proxy.example',
    proxy_username: 'pu',
    proxy_password: 'pp',
    validate: true,
  };

  it('keeps what is shown to a feed and a proxy while they are the same', () => {
    const change = { feed: 'https://one.example:443/el10/', validate: null };
    const { validate: _, ...kept } = { ...present, feed: change.feed };
    assert.deepEqual(mergeFeedConfig(present, change), kept);
  });

  it('shows nothing of it to another server, unless it is given with it (T89)', () => {
    const elsewhere = ['http://one.example/', 'https://one.example:444/', 'https://two.example/'];
    for (const feed of [...elsewhere, null]) {
      const { proxy_host, proxy_username, proxy_password } = present;
      const rest = { proxy_host, proxy_username, proxy_password, validate: true };
      const basic_auth_password = 'other';
      const changed = mergeFeedConfig(present, { feed, basic_auth_password });
      assert.deepEqual(changed, { ...rest, ...(feed && { feed }), basic_auth_password });
    }
    for (const change of [{ proxy_host: 'x.example' }, { proxy_port: 1 }, { proxy_host: null }]) {
      const { proxy_username, proxy_password } = mergeFeedConfig(present, change);
      assert.deepEqual([proxy_username, proxy_password], [undefined, undefined]);
    }
  });
});

describe('secrets in configurations', () => {
  it('have options of their own, which are not shown (T92)', () => {
    const secrets = importerType('yum_importer')?.secrets ?? [];
    assert.ok(secrets.includes('ssl_client_cert'), 'the key is beside it');
    for (const proxy_host of ['http://u:p@proxy.example', 'u@proxy.example']) {
      assert.deepEqual(invalid(importer({ proxy_host })), ['proxy_host']);
    }
    assert.ok('config' in importer({ proxy_host: 'http://proxy.example' }));
  });

  it('are refused where everybody would see them (T92)', () => {
    const secret = ['-----BEGIN PGP ', 'PRIVATE KEY BLOCK-----\n'].join('');
    assert.deepEqual(invalid(distributor({ ...served, gpgkey: secret })), ['gpgkey']);
    assert.deepEqual(invalid(importer({ ssl_ca_cert: secret })), ['ssl_ca_cert']);
  });
});

describe('the configuration of a deb_importer', () => {
  it('has no feed, because nothing would take it over', () => {
    const read = importerType('deb_importer')?.readConfig({ feed: 'https://deb.example/' });
    assert.ok(read !== undefined && 'problems' in read);
    assert.match(read.problems[0]?.message ?? '', /expected no feed: .* are not synced/);
    assert.deepEqual(importerType('deb_importer')?.readConfig({ feed: null }), { config: {} });
  });
});

describe('the configuration of a distributor', () => {
  it('takes force_full, as pulp-admin sends it with every publish that is to be made anew', () => {
    const path = { ...served, path: '/srv/tree' };
    const given: readonly (readonly [string, JsonObject])[] = [
      ...[['yum_distributor', served] as const, ['export_distributor', {}] as const],
      ...[['iso_distributor', {}] as const, ['deb_distributor', served] as const],
      ['directory_distributor', path],
    ];
    for (const [id, config] of given) {
      const raw = { ...config, force_full: true };
      assert.deepEqual(distributorType(id)?.readConfig(raw), { config: raw }, id);
    }
  });

  it('has to say where it is served, and by which protocol', () => {
    const read = distributor({});
    assert.ok('problems' in read);
    assert.deepEqual(read.problems.map(({ property, kind }) => `${property} ${kind}`).sort(), [
      'http missing',
      'https missing',
      'relative_url missing',
    ]);
    assert.deepEqual(invalid(distributor({ ...served, https: false })), ['https']);
  });

  it('takes the relative URLs of pulp-admin, and none that leads elsewhere (T28)', () => {
    for (const relative_url of ['acme', '/acme/', 'a/b/c', 'a'.repeat(255)]) {
      assert.ok('config' in distributor({ ...served, relative_url }), relative_url);
    }
    assert.equal(servedPath('/acme/el9/'), 'acme/el9');
    const wrong = ['', '/', '//a', 'a//b', '../a', 'a/../b', 'a/.', './a', 'a\\b', 'a\0', 'a\n'];
    for (const relative_url of [...wrong, 'a'.repeat(256), 'a/'.repeat(2049)]) {
      const read = distributor({ ...served, relative_url });
      assert.deepEqual(invalid(read), ['relative_url'], relative_url);
    }
  });

  it('takes certificates as CAs, and never a key beside one', () => {
    assert.deepEqual(invalid(distributor({ ...served, auth_ca: 'no certificate' })), ['auth_ca']);
    const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
    assert.deepEqual(invalid(distributor({ ...served, auth_ca: key })), ['auth_ca']);
  });

  it('describes what is served; an ISO distributor without a place has that of its repository', () => {
    const type = distributorType('yum_distributor');
    const described = type?.describe({ ...served, relative_url: '/acme/', gpgkey: 'k' }, 'r');
    assert.deepEqual(described, {
      ...{ area: 'repos', relativeUrl: 'acme', http: false, https: true },
      ...{ authCa: undefined, gpgKey: 'k' },
    });
    const iso = distributorType('iso_distributor');
    assert.ok('config' in (iso?.readConfig({}) ?? {}));
    assert.deepEqual(iso?.describe({}, 'files'), {
      ...{ area: 'isos', relativeUrl: 'files', http: false, https: true },
      ...{ authCa: undefined, gpgKey: undefined },
    });
    assert.equal(distributorType('export_distributor')?.describe({}, 'r'), undefined);
  });
});

function importer(raw: JsonObject) {
  return importerType('yum_importer')?.readConfig(raw) ?? assert.fail('there is no yum_importer');
}

function distributor(raw: JsonObject) {
  return distributorType('yum_distributor')?.readConfig(raw) ?? assert.fail('there is none');
}

function invalid(read: ReturnType<typeof importer>): readonly string[] {
  if ('config' in read) return [];
  return read.problems.map(({ property }) => property);
}
