import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { portcullisProgram } from '../support/portcullis.ts';
import { freePort, runOk, stop, until } from '../support/processes.ts';
import { shipped } from '../support/shipped.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

describe('deploy/logrotate', { skip: needs('logrotate') }, () => {
  it('deploy/logrotate: after a rotation all lines go to the new file, and none is lost', async () => {
    using directory = temporaryDirectory();
    const logs = directory.file('logs');
    mkdirSync(logs, { mode: 0o750 });
    mkdirSync(directory.file('repos'));
    writeFileSync(directory.file('repos/a.rpm'), 'a');
    const log = `${logs}/portcullis.log`;
    const pidFile = directory.file('portcullis.pid');
    const port = await freePort();
    const configuration = directory.file('portcullis.yaml');
    writeFileSync(
      configuration,
      JSON.stringify({
        workers: 2,
        process: { pidFile },
        log: { file: log },
        listen: { http: { address: `127.0.0.1:${port}` } },
        distributions: [{ relativeUrl: 'acme', root: directory.file('repos'), access: 'public' }],
      }),
    );
    await using stack = new AsyncDisposableStack();
    const serve = ['serve', '--config', configuration];
    const primary = spawn(process.execPath, [portcullisProgram, ...serve], { stdio: 'inherit' });
    stack.defer(() => stop(primary));
    await until(
      'Portcullis is ready',
      () => existsSync(log) && linesWith(log, '"ready"') === 1,
      60_000,
    );
    assert.equal(readFileSync(pidFile, 'utf8').trim(), `${primary.pid}`);
    const ask = async (name: string): Promise<void> => {
      const response = await fetch(`http://127.0.0.1:${port}/pulp/repos/acme/a.rpm?${name}`, {
        headers: { connection: 'close' },
      });
      assert.equal(response.status, 200);
      await response.arrayBuffer();
    };
    for (let index = 0; index < 20; index += 1) await ask('before');
    await until('the decisions are logged', () => linesWith(log, 'acme/a.rpm') === 20);

    await rotate(directory, logs, pidFile);
    await until('every process has the new file', () => processesWith(log, pidFile) === 3);
    for (let index = 0; index < 20; index += 1) await ask('after');
    await until('the decisions are logged', () => linesWith(log, 'acme/a.rpm') === 20);
    assert.deepEqual(readdirSync(logs).sort(), ['portcullis.log', 'portcullis.log.1']);
    assert.equal(linesWith(`${log}.1`, 'acme/a.rpm'), 20);
    assert.equal(statSync(log).mode & 0o777, 0o640);
  });

  it('deploy/logrotate: nothing is amiss where nothing runs', async () => {
    using directory = temporaryDirectory();
    const logs = directory.file('logs');
    mkdirSync(logs, { mode: 0o750 });
    writeFileSync(`${logs}/portcullis.log`, '{}\n');
    await rotate(directory, logs, directory.file('portcullis.pid'));
    assert.deepEqual(readdirSync(logs), ['portcullis.log.1']);
  });
});

/** Has logrotate rotate `logs` as it is told in deploy/, as the user of the test. */
async function rotate(directory: TemporaryDirectory, logs: string, pidFile: string): Promise<void> {
  const configuration = directory.file('logrotate.conf');
  const text = shipped('logrotate/portcullis', {
    '/var/log/portcullis': logs,
    '/run/portcullis/portcullis.pid': pidFile,
    'su portcullis portcullis': `su ${userInfo().username} ${await groupName()}`,
  });
  writeFileSync(configuration, text, { mode: 0o644 });
  await runOk('logrotate', ['--state', directory.file('state'), '--force', configuration]);
}

function linesWith(file: string, text: string): number {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line.includes(text)).length;
}

async function groupName(): Promise<string> {
  return (await runOk('id', ['-gn'])).toString().trim();
}

/** How many of the primary and its workers have `file` open, the file that stands there now. */
function processesWith(file: string, pidFile: string): number {
  const now = statSync(file, { throwIfNoEntry: false });
  if (now === undefined) return 0;
  const primary = readFileSync(pidFile, 'utf8').trim();
  const children = readFileSync(`/proc/${primary}/task/${primary}/children`, 'utf8');
  const pids = [primary, ...children.split(' ').filter((pid) => pid.trim() !== '')];
  return pids.filter((pid) =>
    readdirSync(`/proc/${pid}/fd`).some((descriptor) => {
      const opened = statSync(`/proc/${pid}/fd/${descriptor}`, { throwIfNoEntry: false });
      return opened?.ino === now.ino && opened.dev === now.dev;
    }),
  ).length;
}
