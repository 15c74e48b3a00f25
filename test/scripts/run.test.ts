import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { run, until } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const launcher = path.join(import.meta.dirname, '../../scripts/run.mjs');

describe('run.mjs', () => {
  it('run.mjs installs what package-lock.json names, once, with its words on stderr', async () => {
    using checkout = smallCheckout();
    const first = await launch(checkout, 'print.ts', ['a b', '--flag']);
    assert.equal(first.stdout.toString(), '["a b","--flag"]\n');
    assert.match(first.stderr, /^Installing the dependencies \(npm ci\)$/m);
    const second = await launch(checkout, 'print.ts', []);
    assert.equal(second.stdout.toString(), '[]\n');
    assert.equal(second.stderr, '');
  });

  it('run.mjs installs again when package-lock.json names another version', async () => {
    using checkout = smallCheckout();
    await launch(checkout, 'print.ts', []);
    const hidden = checkout.file('node_modules/.package-lock.json');
    writeFileSync(
      hidden,
      readFileSync(hidden, 'utf8').replace('node_modules/dependency', 'node_modules/other'),
    );
    assert.match((await launch(checkout, 'print.ts', [])).stderr, /npm ci/);
  });

  it('run.mjs installs once when two start at the same time', async () => {
    using checkout = smallCheckout();
    const results = await Promise.all([1, 2, 3].map(() => launch(checkout, 'print.ts', [])));
    assert.deepEqual(
      results.map((result) => result.code),
      [0, 0, 0],
    );
    assert.equal(results.filter((result) => result.stderr.includes('npm ci')).length, 1);
  });

  it('run.mjs takes over the lock of an installation that was killed', async () => {
    using checkout = smallCheckout();
    const gone = spawn('true');
    await once(gone, 'close');
    writeFileSync(checkout.file('.install.lock'), `${gone.pid}`);
    assert.equal((await launch(checkout, 'print.ts', [])).code, 0);
    assert.equal(existsSync(checkout.file('.install.lock')), false);
  });

  it('run.mjs falls back to npm install when package-lock.json is behind package.json', async () => {
    using checkout = smallCheckout();
    const manifest = checkout.file('package.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"dependency"', '"renamed"'));
    const result = await launch(checkout, 'print.ts', []);
    assert.equal(result.code, 0);
    assert.match(result.stderr, /npm install/);
  });

  it('run.mjs fails with a sentence when npm cannot install, and leaves no lock', async () => {
    using checkout = smallCheckout();
    rmSync(checkout.file('dependency'), { recursive: true });
    writeFileSync(checkout.file('package.json'), '{');
    const result = await launch(checkout, 'print.ts', []);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /^Cannot install the dependencies: npm failed/m);
    assert.equal(existsSync(checkout.file('.install.lock')), false);
  });

  it('run.mjs passes the exit code on', async () => {
    using checkout = smallCheckout();
    assert.equal((await launch(checkout, 'seven.ts', [])).code, 7);
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`run.mjs passes ${signal} on, once, and ends as the child ends`, async () => {
      using checkout = smallCheckout();
      await launch(checkout, 'print.ts', []);
      const child = spawn(
        process.execPath,
        [path.join(checkout.path, 'scripts/run.mjs'), 'wait.ts'],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      let output = '';
      child.stdout.on('data', (chunk) => {
        output += chunk;
      });
      await until('the child waits', () => output.includes('waiting'));
      child.kill(signal);
      const [code] = await once(child, 'close');
      assert.equal(output, `waiting\n${signal}\n`);
      assert.equal(code, 3);
    });
  }

  it('run.mjs says what to do when no Node is new enough', async () => {
    using checkout = smallCheckout({ engines: '>=999.1' });
    const result = await launch(checkout, 'print.ts', []);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /^Cannot run TypeScript: this Node is v.*, >=999\.1 is needed/m);
    assert.match(result.stderr, /npm rebuild node --ignore-scripts=false/);
  });

  it('run.mjs hands over to the Node among the dependencies when its own is too old', async () => {
    using checkout = smallCheckout({ engines: '>=999.1' });
    const local = checkout.file('dependency/node.sh');
    writeFileSync(local, `#!/bin/sh\n[ "$1" = --version ] && echo v999.1.0 || echo "local $2"\n`);
    chmodSync(local, 0o755);
    const result = await launch(checkout, 'print.ts', ['word']);
    assert.equal(result.stdout.toString(), 'local word\n');
  });
});

/** A checkout with the launcher and one dependency that needs no registry, not installed yet. */
function smallCheckout({ engines = '>=24.15' } = {}): TemporaryDirectory {
  const checkout = temporaryDirectory();
  const write = (name: string, text: string) => writeFileSync(checkout.file(name), text);
  const manifest = { name: 'small', version: '1.0.0', type: 'module', engines: { node: engines } };
  const dependencies = { dependency: 'file:dependency' };
  const dependency = { name: 'dependency', version: '1.0.0', bin: { node: 'node.sh' } };
  for (const folder of ['scripts', 'dependency']) mkdirSync(checkout.file(folder));
  cpSync(launcher, checkout.file('scripts/run.mjs'));
  write('package.json', JSON.stringify({ ...manifest, dependencies }, undefined, 2));
  write('dependency/package.json', JSON.stringify(dependency));
  write('dependency/node.sh', '#!/bin/sh\nexit 1\n');
  write(
    'package-lock.json',
    JSON.stringify({
      name: 'small',
      version: '1.0.0',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': { ...manifest, dependencies },
        dependency,
        'node_modules/dependency': { resolved: 'dependency', link: true },
      },
    }),
  );
  write(
    'print.ts',
    'const words: string[] = process.argv.slice(2);\nconsole.log(JSON.stringify(words));\n',
  );
  write('seven.ts', 'process.exitCode = 7;\n');
  write(
    'wait.ts',
    `for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    console.log(signal);
    setTimeout(() => process.exit(3), 200);
  });
}
console.log('waiting');
setInterval(() => {}, 1000);
`,
  );
  return checkout;
}

function launch(checkout: TemporaryDirectory, file: string, args: readonly string[]) {
  const env = { ...process.env, npm_config_loglevel: 'silent' };
  return run(process.execPath, [checkout.file('scripts/run.mjs'), file, ...args], { env });
}
