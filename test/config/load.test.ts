import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { loadConfiguration } from '../../src/config/load.ts';
import { load, loadRight, problemsOf } from './support.ts';

describe('loadConfiguration', () => {
  it('loadConfiguration gives the defaults for an empty file, with uwsgi on a unix socket', async () => {
    const { listen, content, distributions, log } = await loadRight('');
    assert.deepEqual(listen, {
      uwsgi: {
        address: { type: 'unix', path: '/run/portcullis/content.sock' },
        mode: 0o660,
        owner: undefined,
        group: undefined,
        sockets: 'shared',
        handOff: 'stream',
        allowedPeers: [],
        trustRemoteUser: false,
      },
      http: undefined,
      tls: undefined,
    });
    assert.deepEqual(content.prefixes, ['/pulp/repos/', '/pulp/isos/']);
    assert.equal(content.internalPrefix, '/portcullis-internal/');
    assert.deepEqual(distributions, []);
    assert.deepEqual(log, { level: 'info', file: undefined });
  });

  it('loadConfiguration says whether somebody has named a store, were it the one by default', async () => {
    const isNamed = async (text: string, environment: Readonly<Record<string, string>> = {}) =>
      (await loadRight(text, { environment })).store.isNamed;
    assert.equal(await isNamed(''), false);
    assert.equal(await isNamed('api: { sessionSeconds: 60 }'), false);
    assert.equal(await isNamed('store: { file: /var/lib/portcullis/portcullis.db }'), true);
    assert.equal(await isNamed('', { PORTCULLIS_STORE_FILE: '/x/y.db' }), true);
  });

  it('loadConfiguration has the session CA beside the store, unless its files are named', async () => {
    const filesOf = async (text: string, flags: Readonly<Record<string, string>> = {}) => {
      const { sessionCertificate, sessionKey } = (await loadRight(text, { flags })).api;
      return [sessionCertificate, sessionKey];
    };
    const standard = ['/var/lib/portcullis/session-ca.pem', '/var/lib/portcullis/session-ca.key'];
    assert.deepEqual(await filesOf(''), standard);
    assert.deepEqual(await filesOf('store: { mongodbUrlFile: /x/url }'), standard);
    const moved = ['/srv/p/session-ca.pem', '/srv/p/session-ca.key'];
    assert.deepEqual(await filesOf('store: { file: /srv/p/other.db }'), moved);
    assert.deepEqual(await filesOf('', { 'store-file': '/srv/p/other.db' }), moved);
    const text = 'store: { file: /srv/p/other.db }\napi: { sessionKey: /keys/ca.key }';
    assert.deepEqual(await filesOf(text), ['/srv/p/session-ca.pem', '/keys/ca.key']);
  });

  it('loadConfiguration reads JSON as it reads YAML', async () => {
    const { distributions } = await loadRight(
      JSON.stringify({ distributions: [{ relativeUrl: 'a', root: '/srv/a', access: 'public' }] }),
    );
    assert.deepEqual(distributions, [
      {
        relativeUrl: 'a',
        root: '/srv/a',
        listing: false,
        access: {
          type: 'rule',
          name: 'public',
          options: undefined,
          at: 'distributions[0].access.public',
        },
        paths: [],
      },
    ]);
  });

  it('loadConfiguration tells ten mistakes at once, each with its path', async () => {
    const problems = await problemsOf(`
listen:
  uwsgi: { address: '0.0.0.0:9001', mode: 0660, handof: stream }
  tls: { address: '9443', certificate: c.pem, key: k.pem }
content:
  prefixes: [pulp/repos]
  cacheControl: public
limits: { packetBytes: 65536 }
log: { level: loud }
distributions:
  - { relativeUrl: /acme/, root: /srv/acme, access: public }
  - { relativeUrl: other, access: { any: [] } }
nginx: { serverName: 'a;b' }
`);
    const places = problems.map((problem) => problem.slice(0, problem.indexOf(': ')));
    assert.deepEqual(places.sort(), [
      'content.prefixes[0]',
      'distributions[0].relativeUrl',
      'distributions[1].access.any',
      'distributions[1].root',
      'limits.packetBytes',
      'listen.tls.address',
      'listen.uwsgi.handof',
      'listen.uwsgi.mode',
      'log.level',
      'nginx.serverName',
    ]);
    for (const problem of problems) assert.match(problem, /: Cannot .+: .+/);
  });

  it('loadConfiguration refuses an unknown key and says which one was probably meant', async () => {
    assert.deepEqual(await problemsOf('acces: {}\n'), [
      'acces: Cannot use the key "acces": there is no such setting, did you mean access',
    ]);
    const [problem] = await problemsOf('zebra: 1\n');
    assert.match(
      problem ?? '',
      /expected one of workers, roles, application, listen, content, access/,
    );
  });

  it('loadConfiguration lets a flag win over a variable, it over the file, it over the default', async () => {
    const variable = { PORTCULLIS_LOG_LEVEL: 'error' };
    const flag = { 'log-level': 'debug' };
    const file = 'log: { level: warn }';
    const levelOf = async (...sources: Parameters<typeof loadRight>): Promise<string> =>
      (await loadRight(...sources)).log.level;
    assert.equal(await levelOf(''), 'info');
    assert.equal(await levelOf(file), 'warn');
    assert.equal(await levelOf(file, { environment: variable }), 'error');
    assert.equal(await levelOf(file, { environment: variable, flags: flag }), 'debug');
  });

  it('loadConfiguration resolves relative paths against the directory of the file', async () => {
    const configuration = await loadRight(`
listen: { uwsgi: { address: 'unix:run/content.sock' } }
log: { file: portcullis.log }
plugins: [./plugins/a.ts, portcullis-ldap, '@acme/rules']
distributions: [{ relativeUrl: a, root: ../repos/a }]
`);
    const { directory } = configuration;
    assert.equal(configuration.baseDirectory, directory);
    assert.deepEqual(configuration.listen.uwsgi?.address, {
      type: 'unix',
      path: path.join(directory, 'run/content.sock'),
    });
    assert.equal(configuration.log.file, path.join(directory, 'portcullis.log'));
    assert.deepEqual(configuration.plugins, [
      path.join(directory, 'plugins/a.ts'),
      'portcullis-ldap',
      '@acme/rules',
    ]);
    assert.equal(
      configuration.distributions[0]?.root,
      path.join(path.dirname(directory), 'repos/a'),
    );
  });

  it('loadConfiguration freezes everything, the options of rules included', async () => {
    const loaded = await load(
      'distributions: [{ relativeUrl: a, root: /a, access: { password: { roles: [x] } } }]',
    );
    assert.ok('configuration' in loaded);
    const assertFrozen = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      assert.ok(Object.isFrozen(value));
      for (const member of Object.values(value)) assertFrozen(member);
    };
    assertFrozen(loaded.configuration);
  });

  it('loadConfiguration locates a setting by line and column, variable or flag', async () => {
    const { locate, directory } = await load(
      'log:\n  level: warn\ndistributions:\n  - relativeUrl: a\n    root: /a\n',
      { environment: { PORTCULLIS_LIMITS_BODY_BYTES: '5' }, flags: { 'log-level': 'info' } },
    );
    const file = path.join(directory, 'portcullis.yaml');
    assert.equal(locate('distributions[0].root'), `${file}:5:5`);
    assert.equal(locate('distributions[0].access'), `${file}:4:5`);
    assert.equal(locate('distributions[7]'), `${file}:3:1`);
    assert.equal(locate('limits.bodyBytes'), 'PORTCULLIS_LIMITS_BODY_BYTES');
    assert.equal(locate('log.level'), '--log-level');
  });

  it('loadConfiguration needs no file', async () => {
    const loaded = await loadConfiguration({ environment: {}, flags: {} });
    assert.ok('configuration' in loaded);
    assert.equal(loaded.configuration.file, undefined);
    assert.equal(loaded.configuration.baseDirectory, process.cwd());
  });

  it('loadConfiguration enables an optional listener by a flag alone', async () => {
    const { listen } = await loadRight('', {
      flags: { 'listen-http-address': '127.0.0.1:8080' },
    });
    assert.deepEqual(listen.http?.address, { type: 'tcp', host: '127.0.0.1', port: 8080 });
    assert.equal(listen.uwsgi, undefined);
  });
});
