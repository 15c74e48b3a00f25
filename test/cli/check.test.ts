import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { createPki } from '../support/pki.ts';
import { directoryWith, hasStackTrace, portcullis } from './program.ts';

const count = availableParallelism();
const cores = `${count} ${count === 1 ? 'worker' : 'workers'} (auto)`;

describe('portcullis check', () => {
  it('portcullis check finds nothing in a right configuration, from any directory', async () => {
    using directory = directoryWith('distributions: [{ relativeUrl: a, root: ., access: public }]');
    const absolute = await portcullis(['check', '--config', directory.configuration]);
    const pool = `pool main: content; ${cores}; unix:/run/portcullis/content.sock\n`;
    assert.deepEqual(absolute, { code: 0, out: `${pool}No problem found.\n`, err: '' });
    const relative = await portcullis(['check', '--config', 'portcullis.yaml'], {
      cwd: directory.path,
    });
    assert.deepEqual(relative, absolute);
  });

  it('portcullis check tells every mistake of the configuration with its line and column', async () => {
    using directory = directoryWith(
      'log:\n  level: loud\nlimits:\n  bodyBytes: -1\nlisten:\n  uwsgi:\n    adress: x\n',
    );
    const { code, out } = await portcullis([
      'check',
      ...['--config', directory.configuration],
      ...['--limits-idle-seconds', 'long'],
    ]);
    assert.equal(code, 1);
    const file = directory.configuration;
    assert.deepEqual(out.split('\n'), [
      `${file}:7:5: listen.uwsgi.adress: Cannot use the key "adress": there is no such setting, did you mean address`,
      '--limits-idle-seconds: limits.idleSeconds: Cannot use "long": expected a number from 0.1 to 3600',
      `${file}:4:3: limits.bodyBytes: Cannot use -1: expected a whole number from 1 to 1099511627776`,
      `${file}:2:3: log.level: Cannot use "loud": expected one of debug, info, warn, error`,
      '4 problems found.',
      '',
    ]);
  });

  it('portcullis check tells what plugins, their files and the roots have wrong, all at once', async () => {
    using directory = directoryWith(`
distributions:
  - { relativeUrl: a, root: nowhere, access: { certificate: { ca: none.pem } } }
  - { relativeUrl: b, root: ., access: { any: [ { nosuchrule: {} }, { address: { alow: [] } } ] } }
  - { relativeUrl: c, root: ., access: { password: { file: empty } } }
  - { relativeUrl: d, root: . }
`);
    const { code, out, err } = await portcullis(['check', '--config', directory.configuration]);
    assert.equal(code, 1);
    assert.equal(err, '');
    assert.equal(hasStackTrace(out), false);
    for (const at of [
      'distributions[0].root',
      'distributions[0].access.certificate',
      'distributions[1].access.any[0].nosuchrule',
      'distributions[1].access.any[1].address',
      'distributions[2].access.password',
    ]) {
      assert.ok(
        out.split('\n').some((line) => line.includes(`: ${at}`) && line.startsWith('/')),
        `${at}\n${out}`,
      );
    }
    assert.match(
      out,
      /^warning: .+portcullis\.yaml:6:5: distributions\[3\]: d has no access policy/m,
    );
    assert.match(out, /\n5 problems found\.\n$/);
  });

  it('portcullis check tells what is wrong with the roots of directories', async () => {
    using directory = directoryWith(
      'repositories:\n  directoryRoots: [ none, linked, portcullis.yaml, trees ]\n',
    );
    mkdirSync(directory.file('trees'));
    symlinkSync('trees', directory.file('linked'));
    const { code, out } = await portcullis(['check', '--config', directory.configuration]);
    assert.equal(code, 1);
    const at = (index: number): string => `repositories.directoryRoots[${index}]: Cannot serve`;
    const real = directory.file('trees');
    assert.ok(out.includes(`${at(0)} ${directory.file('none')}: it does not exist`), out);
    assert.ok(out.includes(`it has a symbolic link in its path; name ${real}\n`), out);
    assert.ok(out.includes(`${at(2)} ${directory.configuration}: it is not a directory`), out);
    assert.match(out, /\n3 problems found\.\n$/);
  });

  it('portcullis check tells that the TLS listener has no certificate to start with', async () => {
    using pki = createPki();
    const ca = await pki.authority();
    const [one, other] = [await pki.server(ca), await pki.server(ca)];
    const listen = (certificate: string, key: string): string =>
      `listen:\n  tls: { address: '127.0.0.1:8443', certificate: ${certificate}, key: ${key} }\n`;
    const found = async (yaml: string): Promise<string> => {
      using directory = directoryWith(yaml);
      const { code, out } = await portcullis(['check', '--config', directory.configuration]);
      assert.equal(code, 1);
      return out;
    };
    assert.match(
      await found(listen(one.certificatePath, other.keyPath)),
      /portcullis\.yaml:2:3: listen\.tls: Cannot use .+: the key is that of another certificate\n/,
    );
    assert.match(
      await found(listen(one.keyPath, one.certificatePath)),
      /listen\.tls: Cannot use .+ a certificate and its private key in PEM\n/,
    );
    assert.match(
      await found(listen('none.pem', one.keyPath)),
      /listen\.tls: Cannot read the server's certificate .+none\.pem: there is no such file/,
    );
  });

  it('portcullis check tells what plugins would warn of at the start', async () => {
    using directory = directoryWith(
      'distributions: [{ relativeUrl: a, root: ., access: { password: { file: users } } }]',
    );
    const cheap = '$2y$05$3ArnzXtWo41Dp/xbyWLWJu.QB2C9H9egPzIAGbltbngj2xH2fFG9a';
    writeFileSync(directory.file('users'), `bob:${cheap}\n`);
    const { code, out } = await portcullis(['check', '--config', directory.configuration]);
    assert.equal(code, 0);
    assert.match(out, /^warning: A password file has hashes that are cheap to guess: .*hashes 1, /);
  });

  it('portcullis check says which pools a start would run', async () => {
    using directory = directoryWith(`
workers: 4
application: { module: ./app.ts, mounts: { /shop: shop } }
listen: { uwsgi: { address: 'unix:/run/app.sock', sockets: worker } }
pools:
  content: { workers: 1, listen: { uwsgi: { address: '[::1]:9001' }, http: { sockets: worker } } }
`);
    const { out } = await portcullis(['check', '--config', directory.configuration]);
    assert.deepEqual(
      out.split('\n').filter((line) => line.startsWith('pool ')),
      [
        `pool main: ${directory.file('app.ts')}, shop; 4 workers; unix:/run/app-1.sock to unix:/run/app-4.sock`,
        'pool content: content; 1 worker; [::1]:9001, unix:/run/portcullis/http-1.sock',
      ],
    );
  });

  it('portcullis check lets warnings pass', async () => {
    using directory = directoryWith('');
    const { code, out } = await portcullis(['check', '--config', directory.configuration]);
    assert.equal(code, 0);
    assert.match(
      out,
      /^warning: .+: distributions: there is none[^\n]+\npool main: [^\n]+\nNo problem found\.\n$/,
    );
  });
});

describe('portcullis check --nginx', { skip: needs('nginx', 'openssl') }, () => {
  async function rendered(): Promise<
    Disposable & { readonly line: string[]; readonly file: string }
  > {
    const pki = createPki();
    const server = await pki.server(undefined);
    mkdirSync(pki.file('root'));
    const configuration = pki.write(
      'portcullis.yaml',
      `
listen: { uwsgi: { handOff: x-accel-redirect } }
nginx:
  listen: ['127.0.0.1:47443']
  certificate: ${server.certificatePath}
  key: ${server.keyPath}
  refusalLog: refusals.log
distributions: [{ relativeUrl: a, root: root, access: public }]
`,
    );
    const { code, out } = await portcullis(['nginx-config', '--config', configuration]);
    assert.equal(code, 0);
    const file = pki.write('nginx.conf', out);
    const line = ['check', '--config', configuration, '--nginx', file];
    return { line, file, [Symbol.dispose]: pki[Symbol.dispose] };
  }

  it('portcullis check --nginx is content with what nginx-config wrote, comments apart', async () => {
    using front = await rendered();
    assert.match((await portcullis(front.line)).out, /^pool [^\n]+\nNo problem found\.\n$/);
    writeFileSync(front.file, `# ours\n${readFileSync(front.file, 'utf8').replaceAll('  ', '\t')}`);
    const { code, out } = await portcullis(front.line);
    assert.equal(code, 0);
    assert.match(out, /^pool [^\n]+\nNo problem found\.\n$/);
  });

  it('portcullis check --nginx tells the lines that differ', async () => {
    using front = await rendered();
    const text = readFileSync(front.file, 'utf8');
    writeFileSync(
      front.file,
      text.replace('    internal;\n    alias', '    autoindex on;\n    alias'),
    );
    const { code, out } = await portcullis(front.line);
    assert.equal(code, 1);
    assert.match(out, /nginx\.conf:\d+: would not be rendered: autoindex on;\n/);
    assert.match(out, /nginx\.conf: lacks what would be rendered: internal;\n/);
  });

  it('portcullis check --nginx has nginx look at the file', async () => {
    using front = await rendered();
    writeFileSync(front.file, `${readFileSync(front.file, 'utf8')}nonsense;\n`);
    const { code, out } = await portcullis(front.line);
    assert.equal(code, 1);
    assert.match(out, /nginx -t: \[emerg\] .+unknown directive "nonsense"/);
  });

  it('portcullis check --nginx tells that the file is missing', async () => {
    using front = await rendered();
    const { code, err } = await portcullis([
      ...front.line.slice(0, -1),
      path.join(front.file, 'x'),
    ]);
    assert.equal(code, 66);
    assert.match(err, /^Cannot read the configuration of nginx: ENOTDIR/);
    assert.equal(hasStackTrace(err), false);
  });
});
