import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { storeGroup } from '../../src/config/settings/store.ts';
import { instructionsOf, namesLetIn, readContainerfile } from '../support/containerfile.ts';
import { defaultOf } from '../support/default-of.ts';
import { install } from '../support/installation.ts';
import { needs, needsRoot } from '../support/needs.ts';
import { freePort, run, runOk, sendSignal, until } from '../support/processes.ts';
import { shipped } from '../support/shipped.ts';
import { repositoryRoot } from '../support/source-tree.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const instructions = readContainerfile(shipped('container/Containerfile'));
const copied = instructionsOf(instructions, 'COPY').flatMap((text) => text.split(' ').slice(0, -1));
const storeFile = String(defaultOf(storeGroup.members.file));
const letIn = namesLetIn(shipped('container/Containerfile.dockerignore'));

describe('deploy/container', () => {
  it('deploy/container: what is copied is there and let in, and nothing else is', () => {
    assert.deepEqual([...copied].sort(), [...letIn].sort());
    assert.deepEqual(
      copied.filter((name) => !existsSync(path.join(repositoryRoot, name))),
      [],
    );
  });

  it('deploy/container: it serves as an ordinary user and ends by the signal of a drain', () => {
    assert.deepEqual(instructionsOf(instructions, 'USER'), ['10001:10001']);
    assert.deepEqual(instructionsOf(instructions, 'STOPSIGNAL'), ['SIGTERM']);
    const last = instructions.findLastIndex(({ name }) => name === 'RUN');
    assert.ok(instructions.findIndex(({ name }) => name === 'USER') > last);
  });

  it('deploy/container: the store lies in a volume of the user', () => {
    const [volume = ''] = instructionsOf(instructions, 'VOLUME');
    assert.equal(path.dirname(storeFile), volume);
    const steps = instructionsOf(instructions, 'RUN').join(' ');
    assert.ok(steps.includes(`install -d -o 10001 -g 10001 -m 710 ${volume}`));
  });

  it('deploy/container: the shell understands every step', async () => {
    for (const step of instructionsOf(instructions, 'RUN')) {
      await runOk('sh', ['-n', '-c', step]);
    }
  });

  it('deploy/container: npm finds the lock file in step with what it installs', async () => {
    using image = temporaryDirectory();
    for (const name of ['package.json', 'package-lock.json']) {
      cpSync(path.join(repositoryRoot, name), image.file(name));
    }
    const [install = ''] = instructionsOf(instructions, 'RUN')[0]?.split(' && ') ?? [];
    const [npm = '', ...args] = install.split(' ');
    assert.equal(npm, 'npm');
    await runOk(npm, [...args, '--dry-run', '--offline'], { cwd: image.path });
  });

  it('deploy/container: process 1 serves, is healthy, leaves no zombie and ends on its signal', {
    skip: needs('unshare') || needsRoot(),
  }, async () => {
    using image = temporaryDirectory();
    install(image.path, copied);
    const port = await freePort();
    const healthPort = await freePort();
    const environment = {
      ...environmentOf(),
      PORTCULLIS_MONITOR_METRICS_ADDRESS: `127.0.0.1:${healthPort}`,
    };
    const child = spawn(
      'unshare',
      ['--pid', '--fork', '--mount-proc', '--kill-child', ...commandLine(image)],
      {
        cwd: image.path,
        env: {
          PATH: process.env.PATH,
          ...environment,
          PORTCULLIS_CONFIG: writeConfiguration(image, port),
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await using stack = new AsyncDisposableStack();
    stack.defer(() => kill(child));
    const output: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    const isHealthy = async (): Promise<boolean> => (await checkHealth(environment)) === 0;
    await until('the container is healthy', isHealthy, 60_000);
    const answer = await fetch(`http://127.0.0.1:${port}/pulp/repos/keys/a.txt`);
    assert.equal(await answer.text(), '0123456789');

    const [primary = 0] = childrenOf(child.pid ?? 0);
    const [worker = 0] = childrenOf(primary);
    sendSignal(worker, 'SIGKILL');
    await until('another worker is there, and no zombie', () => {
      const others = childrenOf(primary);
      return others.length > 0 && !others.includes(worker) && !others.some(isZombie);
    });
    await until('the container is healthy again', isHealthy, 60_000);

    const ended = once(child, 'exit');
    sendSignal(primary, 'SIGTERM');
    assert.deepEqual(await ended, [0, null], output.join(''));
    assert.notEqual(await checkHealth(environment), 0);
  });
});

function writeConfiguration(image: TemporaryDirectory, port: number): string {
  mkdirSync(image.file('repos'));
  writeFileSync(image.file('repos/a.txt'), '0123456789');
  const configuration = {
    workers: 1,
    listen: { http: { address: `127.0.0.1:${port}` } },
    distributions: [{ relativeUrl: 'keys', root: image.file('repos'), access: 'public' }],
  };
  writeFileSync(image.file('portcullis.yaml'), JSON.stringify(configuration));
  return image.file('portcullis.yaml');
}

function environmentOf(): Record<string, string> {
  const pairs = instructionsOf(instructions, 'ENV').flatMap((text) => text.split(' '));
  return Object.fromEntries(pairs.map((pair) => pair.split('=', 2)));
}

/** ENTRYPOINT and CMD, with the places of the test for the program and for Node. */
function commandLine(image: TemporaryDirectory): readonly string[] {
  const [workDirectory = ''] = instructionsOf(instructions, 'WORKDIR');
  const words = ['ENTRYPOINT', 'CMD'].flatMap((name): string[] =>
    JSON.parse(instructionsOf(instructions, name)[0] ?? ''),
  );
  const [node, program = '', ...args] = words;
  assert.equal(node, 'node');
  assert.ok(program.startsWith(`${workDirectory}/`), program);
  return [process.execPath, image.file(path.relative(workDirectory, program)), ...args];
}

/** The exit status of the image's own health check. */
async function checkHealth(environment: Record<string, string>): Promise<number | null> {
  const [text = ''] = instructionsOf(instructions, 'HEALTHCHECK');
  const [node, ...args]: string[] = JSON.parse(text.slice(text.indexOf('CMD [') + 'CMD '.length));
  assert.equal(node, 'node');
  return (await run(process.execPath, args, { env: environment })).code;
}

function childrenOf(pid: number): readonly number[] {
  const children = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(children)) return [];
  return readFileSync(children, 'utf8').split(' ').map(Number).filter(Boolean);
}

function isZombie(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** unshare itself takes no SIGTERM; with it goes the whole container. */
async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
