/** What `npm start` promises, whatever is in front. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, it } from 'node:test';
import { needs, needsRoot } from '../../support/needs.ts';
import { runOk, until } from '../../support/processes.ts';
import { tryAdministration } from './administration.ts';
import { type Checkout, checkOut, processesOf, type Sample, startSample, trial } from './sample.ts';

/** @param folders of the checkout, which may make the path of its socket too long for nginx */
export function sampleTests(folders: readonly string[]): void {
  let checkout: Checkout;
  let sample: Sample;
  before(async () => {
    checkout = checkOut(...folders);
    sample = await startSample(checkout);
  });
  after(async () => {
    await sample[Symbol.asyncDispose]();
    checkout[Symbol.dispose]();
  });

  it('npm start puts nginx in front where it can', () => {
    const configuration = readFileSync(checkout.file('var/portcullis.yaml'), 'utf8');
    assert.match(configuration, folders.length === 0 ? /^ {2}uwsgi:$/m : /^ {2}tls:$/m);
  });

  it('npm start prints lines whose statuses are as it says', async () => {
    const stated = [...sample.trials].filter(([says]) => /: \d{3}$/.test(says));
    for (const [says, line] of stated) {
      if (line.startsWith('dnf ')) continue;
      const { stdout, stderr } = await sample.paste(line);
      assert.equal(stdout.toString().trim(), says.slice(-3), `${says}\n${line}\n${stderr}`);
    }
    assert.deepEqual(
      stated.map(([says]) => says.slice(-3)),
      ['200', '401', '401', '401', '401'],
    );
  });

  it('npm start prints a line that shows the metadata of the repository', async () => {
    const { stdout } = await sample.paste(trial(sample, /entitled client certificate is let in/));
    assert.match(stdout.toString(), /<repomd xmlns=/);
  });

  it('npm start prints a line that shows what runs, where it has a socket to ask', async () => {
    const line = [...sample.trials].find(([says]) => says.startsWith('What runs'))?.[1];
    assert.equal(line === undefined, folders.length > 0);
    if (line === undefined) return;
    const { code, stdout } = await sample.paste(line);
    assert.equal(code, 0);
    assert.match(stdout.toString(), /^Serving: main 2\/2$/m);
  });

  it('npm start prints lines with which dnf installs, and is refused', {
    skip: needs('dnf', 'rpm') || needsRoot(),
  }, async () => {
    const installed = await sample.paste(trial(sample, /^dnf installs/));
    assert.equal(installed.code, 0, installed.stderr);
    const root = checkout.file('var/dnf/root');
    const names = await runOk('rpm', ['--root', root, '-qa', '--queryformat', '%{NAME} ']);
    assert.deepEqual(names.toString().trim().split(' ').sort(), [
      'hello-portcullis',
      'hello-portcullis-extra',
    ]);
    const refused = await sample.paste(trial(sample, /^dnf with the certificate of the stranger/));
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /Status code: 401/);
  });

  it('npm start prints lines of portcullis-admin, by which people get in', async () => {
    await tryAdministration(checkout, sample);
  });

  it('npm start keeps what is secret for its owner', () => {
    assert.equal(statSync(checkout.file('var')).mode & 0o777, 0o700);
    const keys = ['ca.key', 'server.key', 'entitled.key', 'session-ca.key'];
    const passwords = ['operator.password', 'admin.password', 'alice.password'];
    for (const name of [...keys, ...passwords, 'htpasswd', 'portcullis.db']) {
      assert.equal(statSync(checkout.file(`var/${name}`)).mode & 0o777, 0o600, name);
    }
  });

  it('npm start prints each password once, and stores that of the file as bcrypt', () => {
    const password = readFileSync(checkout.file('var/operator.password'), 'utf8');
    assert.ok(password.length >= 20);
    const passwordOfAdmin = readFileSync(checkout.file('var/admin.password'), 'utf8');
    assert.ok(passwordOfAdmin.length >= 20);
    for (const each of [password, passwordOfAdmin]) {
      assert.equal(sample.output().split(each).length, 2);
    }
    const htpasswd = readFileSync(checkout.file('var/htpasswd'), 'utf8');
    assert.match(htpasswd, /^operator:\$2y\$/);
    assert.ok(!htpasswd.includes(password));
  });

  it('npm start ends at SIGINT with everything it started', async () => {
    assert.notEqual(processesOf(checkout.path).length, 0);
    assert.equal(await sample.stop('SIGINT'), 0);
    assert.deepEqual(processesOf(checkout.path), []);
  });

  it('npm start reuses var/, prints no password, and ends at SIGTERM', async () => {
    const names = ['ca.pem', 'session-ca.pem', 'portcullis.yaml', 'htpasswd'];
    names.push('admin.password', 'operator.password');
    const read = () => names.map((name) => readFileSync(checkout.file(`var/${name}`), 'utf8'));
    const earlier = read();
    await using again = await startSample(checkout, ['npm', 'start']);
    assert.deepEqual(read(), earlier);
    for (const password of earlier.slice(-2)) assert.ok(!again.output().includes(password));
    const { code } = await again.paste(trial(again, /^The administrator logs in/));
    assert.equal(code, 0);
    const { stdout } = await again.paste(trial(again, /user name with its password/));
    assert.equal(stdout.toString(), '200\n');
    await again.stop('SIGTERM');
    assert.deepEqual(processesOf(checkout.path), []);
  });

  it('npm start uses another port when its own is taken', async () => {
    const squatter = createServer().listen(sample.port, '127.0.0.1');
    await once(squatter, 'listening');
    await using again = await startSample(checkout);
    assert.notEqual(again.port, sample.port);
    const { stdout } = await again.paste(trial(again, /user name with its password/));
    assert.equal(stdout.toString(), '200\n');
    squatter.close();
  });

  // The rest is the same whatever is in front.
  if (folders.length > 0) return;

  it('npm start prints lines that explain', async () => {
    const refused = await sample.paste(trial(sample, /Why is the stranger refused/));
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stdout.toString(), /certificate/);
    const allowed = await sample.paste(trial(sample, /why is the entitled client let in/));
    assert.equal(allowed.code, 0, allowed.stderr);
  });

  it('npm start ends at Ctrl-C in a terminal with everything it started', async () => {
    await using terminal = await startSample(checkout, [
      'script',
      '-qec',
      'npm start',
      '/dev/null',
    ]);
    const closed = once(terminal.child, 'close');
    terminal.child.stdin?.write('\x03');
    await closed;
    // npm does not wait for what it has started.
    await until('nothing is left', () => processesOf(checkout.path).length === 0);
  });

  it('npm start prints no lines of portcullis-admin where there is no API', async () => {
    const file = checkout.file('var/portcullis.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('roles: [content, api, tasks]', 'roles: [content]'));
    await using again = await startSample(checkout);
    writeFileSync(file, text);
    assert.ok(again.trials.size > 0);
    assert.deepEqual(
      [...again.trials.values()].filter((line) => line.includes('portcullis-admin')),
      [],
    );
  });

  it('npm start says what is wrong with an edited configuration, and ends with 1', async () => {
    rmSync(checkout.file('var/ca.pem'));
    await assert.rejects(startSample(checkout), /it ended with 1: [\s\S]*ca\.pem/);
    assert.deepEqual(processesOf(checkout.path), []);
    assert.ok(existsSync(checkout.file('var/portcullis.yaml')));
  });
}
