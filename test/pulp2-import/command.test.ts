import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { hasStackTrace, portcullis } from '../cli/program.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { createPulp2, type Pulp2 } from './pulp2-fixture.ts';

const pki = createPki();
let ca: Credential;
let pulp2: Pulp2;

before(async () => {
  ca = await pki.authority({ subject: '/CN=own' });
  pulp2 = createPulp2();
  pulp2.publishYum({ id: 'x', relativeUrl: 'acme/x', content: ['walrus', 'wolf'] });
  pulp2.publishYum({ id: 'y', relativeUrl: 'acme/y', schemes: ['http'] });
  pulp2.publishIso({ id: 'image', files: { 'a.iso': 'image' } });
  pulp2.bundle(ca.certificate, 'x');
  pulp2.protect({ 'acme/x': 'x' });
});
after(() => {
  pulp2[Symbol.dispose]();
  pki[Symbol.dispose]();
});

function importPulp2(...args: readonly string[]) {
  return portcullis(['import-pulp2', '--root', pulp2.path, ...args]);
}

/** An empty directory of the file system that Pulp's storage is on. */
function target(name: string): string {
  const directory = pulp2.file(name);
  mkdirSync(directory);
  return directory;
}

interface Written {
  readonly distributions: readonly { readonly relativeUrl: string; readonly root: string }[];
}

function rootsOf(file: string): Readonly<Record<string, string>> {
  const { distributions } = parse(readFileSync(file, 'utf8')) as Written;
  return Object.fromEntries(distributions.map(({ relativeUrl, root }) => [relativeUrl, root]));
}

describe('portcullis import-pulp2', () => {
  it('writes to the standard output without --out, and changes nothing', async () => {
    const before = readdirSync(pulp2.path, { recursive: true }).length;
    const { code, out, err } = await importPulp2();
    assert.equal(code, 1, 'packages are links');
    assert.match(err, /^Not carried over: the packages of 3 of 3 repositories are links that lead/);
    assert.match(out, /^# not carried over: the packages of 3 of 3 repositories are links/m);
    assert.match(out, /access: \{ entitlement: \{ ca: "pulp2-ca\/repository-x\.pem" \} \}/);
    assert.equal(readdirSync(pulp2.path, { recursive: true }).length, before);
  });

  it('writes the file and its CA files, which check takes as they are', async () => {
    const directory = target('written');
    const { code, out, err } = await importPulp2('--out', `${directory}/portcullis.yaml`);
    assert.equal(code, 1, err);
    assert.match(
      out,
      /^Wrote .*portcullis\.yaml: 4 distributions, 0 of them for nobody, 1 CA files\.$/m,
    );
    assert.deepEqual(readdirSync(directory, { recursive: true }).sort(), [
      'portcullis.yaml',
      'pulp2-ca',
      'pulp2-ca/repository-x.pem',
    ]);
    assert.equal(statSync(`${directory}/portcullis.yaml`).mode & 0o777, 0o644);
    const checked = await portcullis(['check', '--config', `${directory}/portcullis.yaml`]);
    assert.equal(checked.code, 0, checked.out + checked.err);
  });

  it('replaces what is there with --force alone', async () => {
    const directory = target('forced');
    writeFileSync(`${directory}/portcullis.yaml`, 'mine');
    const file = ['--out', `${directory}/portcullis.yaml`];
    const refused = await importPulp2(...file);
    assert.equal(refused.code, 73);
    assert.match(
      refused.err,
      /^Cannot write .*portcullis\.yaml: it is there already; --force repl/,
    );
    assert.deepEqual(readdirSync(directory), ['portcullis.yaml']);
    assert.equal(readFileSync(`${directory}/portcullis.yaml`, 'utf8'), 'mine');
    mkdirSync(`${directory}/pulp2-ca`);
    writeFileSync(`${directory}/pulp2-ca/old.pem`, 'old');
    const other = await importPulp2('--out', `${directory}/other.yaml`);
    assert.match(other.err, /^Cannot write .*pulp2-ca: it is there already/);
    assert.equal((await importPulp2(...file, '--force')).code, 1);
    assert.deepEqual(readdirSync(directory, { recursive: true }).sort(), [
      'portcullis.yaml',
      'pulp2-ca',
      'pulp2-ca/repository-x.pem',
    ]);
  });

  it('leaves everything as it was when it cannot write', async () => {
    const directory = target('failing');
    mkdirSync(`${directory}/portcullis.yaml`);
    mkdirSync(`${directory}/pulp2-ca`);
    writeFileSync(`${directory}/pulp2-ca/old.pem`, 'old');
    const { code, err } = await importPulp2('--out', `${directory}/portcullis.yaml`, '--force');
    assert.equal(code, 73, err);
    assert.match(err, /^Cannot write /);
    assert.deepEqual(readdirSync(directory, { recursive: true }).sort(), [
      'portcullis.yaml',
      'pulp2-ca',
      'pulp2-ca/old.pem',
    ]);
    const trees = `${directory}/trees`;
    const absent = `${directory}/absent/portcullis.yaml`;
    const nowhere = await importPulp2('--out', absent, '--trees', trees);
    assert.match(nowhere.err, /^Cannot write .*: there is no such directory/);
    assert.deepEqual(readdirSync(trees), [], 'no configuration names what was made');
  });

  it('makes trees of hard links, which hold the packages and nothing that is a link', async () => {
    const directory = target('with-trees');
    const file = `${directory}/portcullis.yaml`;
    const made = await importPulp2('--out', file, '--trees', `${directory}/trees`);
    assert.equal(made.code, 0, made.err);
    assert.match(made.err, /^To do: the trees hold what is published now/m);
    const roots = rootsOf(file);
    const [time = ''] = readdirSync(`${directory}/trees`);
    assert.equal(roots['acme/x'], `${directory}/trees/${time}/yum/acme/x`);
    assert.deepEqual(readdirSync(roots['acme/x'] ?? '', { recursive: true }).sort(), [
      'repodata',
      'repodata/repomd.xml',
      'walrus.rpm',
      'wolf.rpm',
    ]);
    assert.deepEqual(readdirSync(roots.image ?? '').sort(), ['PULP_MANIFEST', 'a.iso']);
    const entries = readdirSync(`${directory}/trees`, { recursive: true, withFileTypes: true });
    assert.ok(entries.every((entry) => entry.isFile() || entry.isDirectory()));
    const published = pulp2.file('var/lib/pulp/published/yum/https/repos/acme/listing');
    assert.equal(statSync(`${roots.acme}/listing`).ino, statSync(published).ino);
    assert.deepEqual(readdirSync(roots.acme ?? ''), ['listing']);
    const checked = await portcullis(['check', '--config', file]);
    assert.equal(checked.code, 0, checked.out + checked.err);
  });

  it('tells of packages that were not downloaded yet', async () => {
    using lazy = createPulp2();
    lazy.publishYum({ id: 'x', relativeUrl: 'x', content: ['walrus', 'wolf'] });
    lazy.remove('/var/lib/pulp/content');
    const args = ['import-pulp2', '--root', lazy.path, '--out', lazy.file('portcullis.yaml')];
    const { code, err } = await portcullis([...args, '--trees', lazy.file('trees')]);
    assert.equal(code, 1);
    assert.match(err, /^Not carried over: x: 2 of its files were not downloaded, as walrus\.rpm: /);
  });

  it('takes away trees that it cannot finish', { skip: !existsSync('/dev/shm') }, async () => {
    const trees = mkdtempSync('/dev/shm/portcullis-');
    try {
      const file = pulp2.file('elsewhere.yaml');
      const { code, err } = await importPulp2('--out', file, '--trees', trees);
      assert.equal(code, 73, err);
      assert.match(err, /is on another file system; name a directory on that one/);
      assert.deepEqual(readdirSync(trees), []);
      assert.equal(existsSync(file), false);
    } finally {
      rmSync(trees, { recursive: true });
    }
  });

  it('tells a file that cannot be read, and a wrong command line, without a stack trace', async () => {
    using broken = createPulp2();
    broken.write('/etc/pulp/repo_auth.conf', '[main]\nenabled: maybe\n');
    const unreadable = await portcullis(['import-pulp2', '--root', broken.path]);
    assert.equal(unreadable.code, 66);
    assert.match(unreadable.err, /^Cannot use .*repo_auth\.conf:2: \[main\] enabled is "maybe"/);
    assert.equal(unreadable.out, '');
    const forced = await importPulp2('--force');
    assert.equal(forced.code, 64);
    assert.match(
      forced.err,
      /^Cannot use --force: it needs --out; see portcullis import-pulp2 --help/,
    );
    assert.ok(![unreadable, forced].some(({ err }) => hasStackTrace(err)));
  });

  it('T92 neither passwords of the database nor keys are in what it writes', async () => {
    pulp2.write('/etc/pki/pulp/content/x/consumer-x.ca', ca.certificate + ca.key);
    const { out, err } = await importPulp2();
    assert.doesNotMatch(out + err, /secret|PRIVATE/);
    assert.match(out, /repository-x\.pem/);
  });
});
