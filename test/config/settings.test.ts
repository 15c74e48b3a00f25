import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { overridableSettings } from '../../src/config/overrides.ts';
import { Place } from '../../src/config/place.ts';
import { type Members, Setting } from '../../src/config/setting.ts';
import { allSettings } from '../../src/config/settings/all.ts';
import { distributionGroup } from '../../src/config/settings/distributions.ts';
import type { Problem } from '../../src/model.ts';
import { loadRight, problemsOf } from './support.ts';

function* settingsOf(members: Members, at = ''): Generator<[string, Setting<unknown>]> {
  for (const [name, member] of Object.entries(members)) {
    const path = at === '' ? name : `${at}.${name}`;
    if (member instanceof Setting) yield [path, member];
    else yield* settingsOf(member.members, path);
  }
}

const declared = [
  ...settingsOf(allSettings.members),
  ...settingsOf(distributionGroup.members, 'distributions[0]'),
];

/** Each row: what is tried, whether it is right, and the YAML of it. */
function table(at: string, rows: readonly (readonly [boolean, string])[]): void {
  for (const [isRight, text] of rows) {
    it(`${at} ${isRight ? 'takes' : 'refuses'} ${text.slice(0, 100)}`, async () => {
      if (isRight) return void (await loadRight(text));
      const problems = await problemsOf(text);
      assert.ok(
        problems.some((problem) => problem.startsWith(at)),
        problems.join('\n'),
      );
    });
  }
}

describe('allSettings', () => {
  for (const [path, { kind, texts, whenAbsent }] of declared) {
    it(`${path} is described in a sentence, and takes its own example and default`, () => {
      assert.match(texts.description, /^\S.+\.$/);
      const raws =
        whenAbsent.type === 'default' ? [texts.example, whenAbsent.raw] : [texts.example];
      for (const raw of raws) {
        const problems: Problem[] = [];
        kind.parse(raw, new Place(path, '/etc', problems));
        assert.deepEqual(problems, []);
      }
    });
  }

  it('allSettings derives a variable and a flag of its own for each setting', () => {
    const settings = overridableSettings();
    assert.equal(new Set(settings.map(({ variable }) => variable)).size, settings.length);
    assert.equal(new Set(settings.map(({ flag }) => flag)).size, settings.length);
    const inFileAlone = declared.filter(([, { kind }]) => kind.fromText === undefined);
    const settable = settings.map(({ path }) => path);
    assert.deepEqual(
      inFileAlone.map(([path]) => path).filter((path) => !path.startsWith('distributions[0]')),
      ['application.mounts', 'pools', 'distributions', 'policies', 'repositories.access'],
    );
    assert.deepEqual(
      settable.filter((path) => !declared.some(([name]) => name === path)),
      [],
    );
  });
});

describe('listen', () => {
  const uwsgi = (address: string, more = ''): string =>
    `listen: { uwsgi: { address: '${address}'${more} } }`;
  table('listen.uwsgi.address', [
    [true, uwsgi('unix:/run/p.sock')],
    [true, uwsgi('127.0.0.1:9001')],
    [true, uwsgi('[::1]:9001')],
    [true, uwsgi(`unix:/${'s'.repeat(106)}`)],
    [false, uwsgi(`unix:/${'s'.repeat(107)}`)],
    [false, uwsgi(`unix:/${'ü'.repeat(54)}`)],
    [false, uwsgi('unix:')],
    [false, uwsgi('unix:/run/')],
    [false, uwsgi('9001')],
    [false, 'listen: { uwsgi: { address: 9001 } }'],
    [false, uwsgi('localhost:9001')],
    [false, uwsgi('*:9001')],
    [false, uwsgi('127.0.0.1:0')],
    [true, uwsgi('127.0.0.1:65535')],
    [false, uwsgi('127.0.0.1:65536')],
    [false, uwsgi('127.0.0.1')],
    [false, uwsgi('127.1:9001')],
    [false, uwsgi('::1:9001')],
    [false, uwsgi('[fe80::1%eth0]:9001')],
  ]);
  table('listen.uwsgi.mode', [
    [true, "listen: { uwsgi: { mode: '0600' } }"],
    [true, "listen: { uwsgi: { mode: '660' } }"],
    [false, 'listen: { uwsgi: { mode: 0660 } }'],
    [false, 'listen: { uwsgi: { mode: 0o660 } }'],
    [false, "listen: { uwsgi: { mode: '0680' } }"],
    [false, "listen: { uwsgi: { mode: '1660' } }"],
  ]);
  describe('T72', () => {
    table('listen.uwsgi.allowedPeers', [
      [false, uwsgi('0.0.0.0:9001')],
      [false, uwsgi('10.0.0.1:9001')],
      [false, uwsgi('[::]:9001')],
      [true, uwsgi('[::ffff:127.0.0.1]:9001')],
      [true, uwsgi('0.0.0.0:9001', ', allowedPeers: [10.0.0.7]')],
    ]);
  });
  describe('T05', () => {
    table('listen.uwsgi.allowedPeers', [
      [true, uwsgi('127.0.0.1:1', ", allowedPeers: [10.20.0.0/16, '2001:db8::/32', '::1']")],
      [false, uwsgi('127.0.0.1:1', ', allowedPeers: [0.0.0.0/0]')],
      [false, uwsgi('127.0.0.1:1', ", allowedPeers: ['::/0']")],
      [false, uwsgi('127.0.0.1:1', ', allowedPeers: [10.20.0.1/16]')],
      [false, uwsgi('127.0.0.1:1', ', allowedPeers: [10.20.0.0/33]')],
      [false, uwsgi('127.0.0.1:1', ', allowedPeers: [example.com]')],
      [false, uwsgi('127.0.0.1:1', ', allowedPeers: [unix]')],
    ]);
  });
  table('listen.http', [
    [true, 'listen: { http: }'],
    [true, 'listen: { http: { headers: { clientAddress: X-Real-IP, scheme: X-Scheme } } }'],
    [false, 'listen: { http: { headers: { clientAddress: X-A, scheme: x-a } } }'],
    [false, 'listen: { http: { headers: { clientAddress: X_Real_IP } } }'],
    [false, 'listen: { http: { headers: { remoteUser: Authorization } } }'],
    [false, "listen: { http: { headers: { remoteUser: 'X-A; deny' } } }"],
    [false, "listen: { http: { address: '10.0.0.1:80', handOff: x-accel-redirect } }"],
    [true, "listen: { http: { address: '10.0.0.1:80', handOff: stream } }"],
  ]);
  table('listen', [
    [false, "listen: { uwsgi: { address: 'unix:/a' }, http: { address: 'unix:/b/../a' } }"],
    [true, "listen: { uwsgi: { address: 'unix:/a' }, http: { address: 'unix:/b' } }"],
    [false, 'listen: []'],
  ]);
  table('listen.tls', [
    [false, 'listen: { tls: { certificate: c.pem } }'],
    [true, 'listen: { tls: { certificate: c.pem, key: k.pem } }'],
  ]);
});

describe('listen of users and groups', () => {
  const owner = (account: string): string => `listen: { uwsgi: { owner: ${account} } }`;
  table('listen.uwsgi.owner', [
    [true, owner('portcullis')],
    [true, owner('_x-1.y$')],
    [true, owner('0')],
    [true, owner("'1000'")],
    [true, owner('4294967294')],
    [false, owner('4294967295')],
    [false, owner('-1')],
    [false, owner('1.5')],
    [false, owner('-x')],
    [false, owner('a:b')],
    [false, owner("''")],
    [true, owner('a'.repeat(32))],
    [false, owner('a'.repeat(33))],
  ]);
  table('listen.uwsgi.sockets', [
    [true, 'listen: { uwsgi: { sockets: worker } }'],
    [false, 'listen: { uwsgi: { sockets: both } }'],
  ]);
  it('listen.uwsgi.owner is a number where it is one, quoted or not', async () => {
    for (const text of ['1000', "'1000'"]) {
      assert.equal((await loadRight(owner(text))).listen.uwsgi?.owner, 1000);
    }
    const { listen } = await loadRight('', { flags: { 'listen-uwsgi-group': '33' } });
    assert.equal(listen.uwsgi?.group, 33);
  });
});

describe('process', () => {
  table('process', [
    [true, 'process: { user: portcullis, group: 33, pidFile: run/p.pid }'],
    [false, 'process: { pidFile: "a\\nb" }'],
    [true, "process: { directoryMode: '0775' }"],
    [false, "process: { directoryMode: '0777' }"],
    [false, "process: { directoryMode: '1755' }"],
  ]);
});

describe('supervision', () => {
  const supervision = (text: string): string => `supervision: { ${text} }`;
  table('supervision.silenceSeconds', [
    [true, supervision('heartbeatSeconds: 1, silenceSeconds: 1.1')],
    [false, supervision('heartbeatSeconds: 1, silenceSeconds: 1')],
    [false, supervision('heartbeatSeconds: 20')],
  ]);
  table('supervision.backOffSecondsMax', [
    [true, supervision('backOffSeconds: 2, backOffSecondsMax: 2')],
    [false, supervision('backOffSeconds: 2, backOffSecondsMax: 1.9')],
  ]);
  table('supervision.memoryMebibytesMax', [
    [true, supervision('memoryMebibytesMax: 100')],
    [true, supervision('recycle: { memoryMebibytes: 100, jitter: 0.2 }, memoryMebibytesMax: 121')],
    [false, supervision('recycle: { memoryMebibytes: 100, jitter: 0.2 }, memoryMebibytesMax: 120')],
    [true, supervision('recycle: { memoryMebibytes: 100 }')],
  ]);
});

describe('content', () => {
  const prefix = (...prefixes: string[]): string =>
    `content: { prefixes: ${JSON.stringify(prefixes)} }`;
  table('content.prefixes', [
    [true, prefix('/a/')],
    [true, prefix('/a/', '/ab/')],
    [true, prefix(`/${'x'.repeat(1022)}/`)],
    [false, prefix(`/${'x'.repeat(1023)}/`)],
    [false, prefix('/')],
    [false, prefix('/a')],
    [false, prefix('a/')],
    [false, prefix('/a//b/')],
    [false, prefix('/a/../b/')],
    [false, prefix('/a/', '/a/b/')],
    [false, prefix('/a/', '/a/')],
    [false, prefix('/a b/')],
    [false, prefix('/a%2f/')],
    [false, 'content: { prefixes: [] }'],
  ]);
  table('content', [
    [true, 'content: { repositoryPrefix: /content/, isoPrefix: /files/ }'],
    [true, 'content: { keyPrefix: /keys/, staticPrefix: /server/, origin: https://p.example }'],
    [false, 'content: { repositoryPrefix: /pulp/isos/ }'],
    [false, 'content: { isoPrefix: /pulp/repos/isos/ }'],
    [false, 'content: { keyPrefix: /pulp/repos/keys/ }'],
    [false, 'content: { staticPrefix: /pulp/ }'],
    [false, 'content: { staticPrefix: /portcullis-internal/static/ }'],
    [false, 'content: { origin: https://p.example/pulp }'],
  ]);
  table('content.internalPrefix', [
    [true, 'content: { internalPrefix: /internal/files/ }'],
    [false, 'content: { internalPrefix: /pulp/repos/internal/ }'],
    [false, 'content: { internalPrefix: /pulp/ }'],
    [false, "content: { internalPrefix: '/int@rnal/' }"],
  ]);
  describe('T65', () => {
    table('content.cacheControl', [
      [true, 'content: { cacheControl: no-store }'],
      [true, "content: { cacheControl: 'Private, max-age=5' }"],
      [false, 'content: { cacheControl: max-age=5 }'],
      [false, "content: { cacheControl: 'public, private' }"],
      [false, "content: { cacheControl: 'private, s-maxage=5' }"],
      [false, 'content: { cacheControl: "private\\nX-A: b" }'],
    ]);
  });
  table('content.visibleDotNames', [
    [true, 'content: { visibleDotNames: [.treeinfo, ...] }'],
    [false, 'content: { visibleDotNames: [..] }'],
    [false, 'content: { visibleDotNames: [.] }'],
    [false, 'content: { visibleDotNames: [treeinfo] }'],
    [false, 'content: { visibleDotNames: [.a/b] }'],
  ]);
});

describe('limits', () => {
  for (const [path, { kind }] of declared) {
    const [, min, max] = /^a (?:whole )?number from (\S+) to (\S+)$/.exec(kind.expected) ?? [];
    if (min === undefined || max === undefined) continue;
    it(`${path} takes ${min} and ${max}, and nothing beyond`, () => {
      const isTaken = (raw: unknown): boolean =>
        kind.parse(raw, new Place(path, '/', [])) !== undefined;
      assert.deepEqual([min, max].map(Number).map(isTaken), [true, true]);
      assert.equal(isTaken(Number(min) - 0.01), false);
      assert.equal(isTaken(Number(max) + 1), false);
      for (const raw of [max, Number.NaN, Number.POSITIVE_INFINITY, null, true, [1]]) {
        assert.equal(isTaken(raw), false);
      }
    });
  }
});

describe('distributions', () => {
  const at = (relativeUrl: string, root = '/srv/x'): string =>
    `distributions: [{ relativeUrl: ${JSON.stringify(relativeUrl)}, root: ${JSON.stringify(root)} }]`;
  table('distributions[0]', [
    [true, at('acme/el9')],
    [true, at('a+b@c:d,e=f~g_h-i.j/..k')],
    [false, at('')],
    [false, at('/acme')],
    [false, at('acme/')],
    [false, at('acme//el9')],
    [false, at('acme/../el9')],
    [false, at('./acme')],
    [false, at('a"b')],
    [false, at('a;b')],
    [false, at('a$b')],
    [false, at('a{b}')],
    [false, at('a*')],
    [false, at('a%2fb')],
    [false, at('a b')],
    [false, at('ü')],
    [true, at('x'.repeat(1024))],
    [false, at('x'.repeat(1025))],
    [true, at('a', '/srv/with space;and$quote"')],
    [false, at('a', '/srv/new\nline')],
    [false, at('a', '/srv/nul\0')],
    [false, at('a', '/')],
    [false, at('a', '/srv/..')],
    [false, at('a', '')],
    [false, 'distributions: [{ relativeUrl: a, root: /a, access: }]'],
    [false, 'distributions: [x]'],
    [false, 'distributions: [null]'],
  ]);
  it('T24 distributions may lie in another, but never at the same place', async () => {
    const twice = (first: string, second: string): string =>
      `distributions: [{ relativeUrl: ${first}, root: /a }, { relativeUrl: ${second}, root: /b }]`;
    await loadRight(twice('a', 'a/b'));
    await loadRight(twice('a', 'A'));
    assert.deepEqual(await problemsOf(twice('a/b', 'a/b')), [
      'distributions[1].relativeUrl: Cannot use a/b: distributions[0] has it; each needs its own',
    ]);
  });
});

describe('nginx', () => {
  table('nginx', [
    [true, "nginx: { listen: [443, '*:8443', '127.0.0.1:1', '[::]:443'] }"],
    [false, "nginx: { listen: ['443 default_server'] }"],
    [false, "nginx: { listen: ['443; deny all'] }"],
    [false, 'nginx: { listen: [0] }'],
    [false, 'nginx: { listen: [] }'],
    [true, 'nginx: { serverName: repos.example.com }'],
    [false, 'nginx: { serverName: Repos }'],
    [false, "nginx: { serverName: '*.example.com' }"],
    [false, "nginx: { serverName: 'a b' }"],
    [false, 'nginx: { serverName: $hostname }'],
    [false, 'nginx: { certificate: "a\\nb" }'],
  ]);
});

describe('access', () => {
  table('access', [
    [true, 'access: { storeOutageSeconds: 0 }'],
    [true, 'access: { storeOutageSeconds: 86400 }'],
    [false, 'access: { storeOutageSeconds: 86400.5 }'],
    [false, 'access: { storeOutageSeconds: -1 }'],
  ]);
});

describe('store', () => {
  table('store', [
    [true, 'store: { file: /var/lib/portcullis/other.db }'],
    [true, "store: { mongodbUrl: 'mongodb://a.example/portcullis' }"],
    [true, "store: { mongodbUrl: 'mongodb+srv://u:p%20w@a.example' }"],
    [true, 'store: { mongodbUrlFile: store-url }'],
    [false, 'store: { mongodbUrl: postgres://a.example }'],
    [false, "store: { mongodbUrl: 'mongodb://a.example/ü' }"],
    [false, 'store: { mongodbUrl: 7 }'],
    [false, 'store: { url: mongodb://a.example }'],
  ]);
});

describe('api', () => {
  table('api.consumerCertificateSeconds', [
    [true, 'api: { consumerCertificateSeconds: 60 }'],
    [true, 'api: { consumerCertificateSeconds: 315360000 }'],
    [false, 'api: { consumerCertificateSeconds: 59 }'],
    [false, 'api: { consumerCertificateSeconds: 315360001 }'],
  ]);
  table('api.sessionSeconds', [
    [true, 'api: { sessionSeconds: 60 }'],
    [true, 'api: { sessionSeconds: 31536000 }'],
    [false, 'api: { sessionSeconds: 59 }'],
    [false, 'api: { sessionSeconds: 31536001 }'],
  ]);
  table('api.bodyBytes', [
    [true, 'api: { bodyBytes: 1024 }'],
    [true, 'api: { bodyBytes: 67108864 }'],
    [false, 'api: { bodyBytes: 1023 }'],
    [false, 'api: { bodyBytes: 67108865 }'],
  ]);
  const links = (more: string) =>
    `api: { links: { keys: url-keys, origin: 'https://cdn.example.com'${more} } }`;
  table('api.links.secondsMax', [
    [true, links('')],
    [true, links(', secondsMax: 1')],
    [true, links(', secondsMax: 31622400')],
    [false, links(', secondsMax: 0')],
    [false, links(', secondsMax: 31622401')],
  ]);
  table('api.links.keys', [[false, "api: { links: { origin: 'https://cdn.example.com' } }"]]);
  const origin = (text: string) => `api: { links: { keys: url-keys, origin: '${text}' } }`;
  table('api.links.origin', [
    [true, origin('http://[2001:db8::1]:8080')],
    [true, origin('https://cdn.example.com:8443')],
    [true, origin('https://192.0.2.1:80')],
    [true, origin('https://cdn.example.com:65535')],
    ...[
      '',
      'cdn.example.com',
      'ftp://cdn.example.com',
      'https://cdn.example.com/',
      'https://cdn.example.com/content',
      'https://u@cdn.example.com',
      'https://cdn.example.com:443',
      'https://CDN.example.com',
      'http://cdn.example.com:80',
      'https://cdn.example.com:65536',
      'https://cdn.example.com:0443',
      'https://[192.0.2.1]',
      'https://cdn..example.com',
      `https://${'a.'.repeat(600)}example.com`,
    ].map((text): [boolean, string] => [false, origin(text)]),
    [false, 'api: { links: { keys: url-keys } }'],
  ]);
});

describe('tasks', () => {
  table('tasks.concurrency', [
    [true, 'tasks: { concurrency: 1 }'],
    [true, 'tasks: { concurrency: 64 }'],
    [false, 'tasks: { concurrency: 0 }'],
    [false, 'tasks: { concurrency: 65 }'],
  ]);
  table('tasks.eventAddresses', [
    [true, 'tasks: { eventAddresses: [10.0.0.1, "fd00::/8"] }'],
    [true, `tasks: { eventAddresses: ${JSON.stringify(Array(1000).fill('10.0.0.1'))} }`],
    [false, `tasks: { eventAddresses: ${JSON.stringify(Array(1001).fill('10.0.0.1'))} }`],
    [false, 'tasks: { eventAddresses: [10.0.0.1/8] }'],
  ]);
});
