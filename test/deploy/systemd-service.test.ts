import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { NotifyReceiver } from '../support/notify-receiver.ts';
import { portcullisProgram } from '../support/portcullis.ts';
import { runOk, sendSignal, stop, until } from '../support/processes.ts';
import { shipped } from '../support/shipped.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { readUnit, settingOf, settingsOf } from '../support/unit-file.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';

const skip = needs('python3', 'systemd-notify', 'systemd-socket-activate');

const service = readUnit(shipped('systemd/portcullis.service'));
const socketUnit = readUnit(shipped('systemd/portcullis.socket'));

/** systemd starts the service again after it was restarted, and holds its socket all the time. */
const serviceManager = `while read -r run; do
  sh -c 'export LISTEN_PID=$$; exec "$@"' sh "$@" || exit
done`;

describe('deploy/systemd, run as systemd runs it', { skip }, () => {
  it('deploy/systemd: the service tells of itself, reloads, and loses no request at a restart', async () => {
    using directory = temporaryDirectory();
    await using receiver = await NotifyReceiver.start(directory.file('notify'));
    await using unit = startUnit(directory, receiver.socket);
    const heard = (text: string): number =>
      receiver.messages.filter((message) => message.includes(text)).length;
    const pidFile = directory.file('run/portcullis/portcullis.pid');
    const mainPid = (): string => readFileSync(pidFile, 'utf8').trim();

    // Nothing runs before the first connection, which waits until it is served.
    assert.equal(await unit.ask(), '200 0123456789');
    await until('it says that it is ready', () => heard('READY=1') === 1, 60_000);
    await until('its watchdog is fed', () => heard('WATCHDOG=1') > 2);

    const load = unit.startLoad();
    const first = mainPid();
    await unit.reload(first);
    await until('it says that it has reloaded', () => heard('READY=1') === 2, 60_000);
    assert.equal(heard('RELOADING=1'), 1);
    assert.equal(mainPid(), first);

    sendSignal(Number(first), 'SIGTERM');
    await until('it says that it ends', () => heard('STOPPING=1') === 1);
    await until('and when', () => heard('EXTEND_TIMEOUT_USEC=40000000') === 1);
    await until('it has ended', () => !existsSync(`/proc/${first}`), 60_000);
    unit.startAgain();
    await until('it says that it is ready again', () => heard('READY=1') === 3, 60_000);
    const answers = await load.end();
    const failed = answers.filter((answer) => answer !== '200 0123456789');
    assert.deepEqual(failed.slice(0, 5), [], `${failed.length} of ${answers.length} failed`);
    assert.ok(answers.length > 20, `only ${answers.length} requests`);

    sendSignal(Number(mainPid()), 'SIGTERM');
    assert.equal(await unit.end(), 0);
    assert.ok(!existsSync(pidFile));
    assert.ok(existsSync(unit.socket), 'the socket is systemd’s own');
  });
});

function startUnit(directory: TemporaryDirectory, notifySocket: string) {
  const socket = directory.file('portcullis.sock');
  writeConfiguration(directory, socket);
  mkdirSync(directory.file('run/portcullis'), { recursive: true });
  const places = { '/usr/local/bin/portcullis': directory.file('portcullis') };
  const words = wordsOf(settingOf(service, 'ExecStart'), {
    ...places,
    '%t': directory.file('run'),
  });
  const name = settingOf(socketUnit, 'FileDescriptorName');
  const environment = [`NOTIFY_SOCKET=${notifySocket}`, 'WATCHDOG_USEC=400000'];
  const child = spawn(
    'systemd-socket-activate',
    [
      ...[`--listen=${socket}`, `--fdname=${name}`],
      ...environment.flatMap((variable) => ['-E', variable]),
      ...['sh', '-c', serviceManager, 'sh', ...words],
    ],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  );
  child.stdin.write('run\n');
  const ask = async (): Promise<string> => {
    const variables = getVariables('/pulp/repos/keys/a.txt');
    const { status, body } = await uwsgiRequest({ path: socket }, variables, { timeoutMs: 60_000 });
    return `${status} ${body}`;
  };
  return {
    socket,
    ask: async () => {
      await until('the socket is there', () => existsSync(socket));
      return ask();
    },
    startLoad: () => startLoad(ask),
    reload: async (mainPid: string) => {
      for (const line of settingsOf(service, 'ExecReload')) {
        const [command = '', ...args] = wordsOf(line, { ...places, $MAINPID: mainPid });
        await runOk(command, args);
      }
    },
    startAgain: () => child.stdin.write('run\n'),
    end: async () => {
      child.stdin.end();
      const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
      return code as number | null;
    },
    [Symbol.asyncDispose]: () => stopAll(child, directory),
  };
}

/** The shell between ends with what it has started. */
async function stopAll(child: ChildProcess, directory: TemporaryDirectory): Promise<void> {
  const pidFile = directory.file('run/portcullis/portcullis.pid');
  child.stdin?.end();
  if (existsSync(pidFile)) sendSignal(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
  await stop(child);
}

function writeConfiguration(directory: TemporaryDirectory, socket: string): void {
  mkdirSync(directory.file('repos'));
  writeFileSync(directory.file('repos/a.txt'), '0123456789');
  const configuration = {
    workers: 1,
    listen: { uwsgi: { address: `unix:${socket}` } },
    distributions: [{ relativeUrl: 'keys', root: directory.file('repos'), access: 'public' }],
  };
  writeFileSync(directory.file('portcullis.yaml'), JSON.stringify(configuration));
  const launcher = `#!/bin/sh
export PORTCULLIS_CONFIG='${directory.file('portcullis.yaml')}'
exec '${process.execPath}' '${portcullisProgram}' "$@"
`;
  writeFileSync(directory.file('portcullis'), launcher, { mode: 0o755 });
}

/** A command line of a unit, as words; none of ours has a quote. */
function wordsOf(line: string, places: Readonly<Record<string, string>>): readonly string[] {
  return line.split(' ').map((word) => {
    const place = Object.keys(places).find((each) => word.startsWith(each));
    return place === undefined ? word : word.replace(place, places[place] ?? '');
  });
}

function startLoad(ask: () => Promise<string>) {
  const answers: string[] = [];
  let isRunning = true;
  const askOn = async (): Promise<void> => {
    while (isRunning) answers.push(await ask().catch((error) => `failed: ${error}`));
  };
  const clients = Array.from({ length: 4 }, askOn);
  return {
    end: async (): Promise<readonly string[]> => {
      isRunning = false;
      await Promise.all(clients);
      return answers;
    },
  };
}
