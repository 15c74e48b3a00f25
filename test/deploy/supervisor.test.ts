import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs } from '../support/needs.ts';
import { startNginx } from '../support/nginx.ts';
import { createPki, type Pki } from '../support/pki.ts';
import { portcullisProgram } from '../support/portcullis.ts';
import { freePort, runOk, until } from '../support/processes.ts';
import { shipped } from '../support/shipped.ts';
import { startSupervisord } from '../support/supervisord.ts';

const instances = 2;

interface Variant {
  readonly file: string;
  /** Whom nginx-config and supervisord tell of the sockets, in the same words. */
  readonly nginxFlags: readonly string[];
  /** The socket of instance `number`. */
  readonly socket: (number: number) => string;
  readonly places: Readonly<Record<string, string>>;
}

const variants: readonly Variant[] = [
  {
    file: 'supervisor/portcullis.conf',
    nginxFlags: ['--workers', `${instances}`, '--listen-uwsgi-sockets', 'worker'],
    socket: (number) => `content-${number}.sock`,
    places: {},
  },
  {
    file: 'supervisor/portcullis-shared.conf',
    nginxFlags: [],
    socket: () => 'content.sock',
    places: { 'socket_owner=portcullis:portcullis\n': '' },
  },
];

for (const { file, nginxFlags, socket, places } of variants) {
  describe(`deploy/${file}`, { skip: needs('nginx', 'openssl', 'supervisord') }, () => {
    it(`deploy/${file}: instances are replaced one after the other without a failed request`, async () => {
      using pki = createPki();
      const port = await freePort();
      const configuration = await writeConfiguration(pki, port);
      const program = pki.file('portcullis');
      writeFileSync(program, launcher(configuration), { mode: 0o755 });
      await using supervisord = await startSupervisord(
        shipped(file, {
          '/usr/local/bin/portcullis': program,
          '/run/portcullis': pki.file('run'),
          '/var/log/portcullis': pki.file('log'),
          'user=portcullis': `user=${userInfo().username}`,
          'numprocs=4': `numprocs=${instances}`,
          'startsecs=5': 'startsecs=1',
          ...places,
        }),
      );
      const numbers = Array.from({ length: instances }, (_, index) => index + 1);
      const name = (number: number): string => `portcullis:portcullis-${number}`;
      const sockets = numbers.map((number) => pki.file(`run/${socket(number)}`));
      const areRunning = async (): Promise<boolean> =>
        (await Promise.all(sockets.map(isOpen))).every(Boolean) &&
        (await supervisord.states()).join() ===
          numbers.map((number) => `${name(number)} RUNNING`).join();
      await until('all instances run', areRunning, 60_000);
      const processOf = async (number: number): Promise<string> =>
        (await supervisord.control('pid', name(number))).trim();
      const before = await Promise.all(numbers.map(processOf));

      const nginxConfig = [portcullisProgram, 'nginx-config', '--config', configuration];
      const http = await runOk(process.execPath, [...nginxConfig, ...nginxFlags]);
      await using _nginx = await startNginx(http.toString());
      const url = `https://localhost:${port}/pulp/repos/keys/a.txt`;
      const load = startLoad(url);
      for (const number of numbers) {
        await supervisord.control('restart', name(number));
        await until('the instance serves again', areRunning, 60_000);
      }
      const answers = await load.end();
      const failed = answers.filter((answer) => answer !== '200 0123456789');
      assert.deepEqual(failed.slice(0, 5), [], `${failed.length} of ${answers.length} failed`);
      assert.ok(answers.length > 20, `only ${answers.length} requests`);
      const after = await Promise.all(numbers.map(processOf));
      assert.equal(new Set([...before, ...after]).size, 2 * instances);

      await supervisord.control('stop', 'all');
      assert.deepEqual(
        after.filter((pid) => existsSync(`/proc/${pid}`)),
        [],
      );
      assert.deepEqual(
        await Promise.all(sockets.map(isOpen)),
        numbers.map(() => false),
      );
    });
  });
}

async function writeConfiguration(pki: Pki, port: number): Promise<string> {
  const server = await pki.server(await pki.authority());
  for (const directory of ['run', 'log', 'repos']) mkdirSync(pki.file(directory));
  writeFileSync(pki.file('repos/a.txt'), '0123456789');
  const configuration = {
    listen: { uwsgi: { address: `unix:${pki.file('run/content.sock')}`, mode: '0660' } },
    nginx: {
      serverName: 'localhost',
      listen: [`127.0.0.1:${port}`],
      certificate: server.certificatePath,
      key: server.keyPath,
      refusalLog: pki.file('log/refusals.log'),
    },
    distributions: [{ relativeUrl: 'keys', root: pki.file('repos'), access: 'public' }],
  };
  const file = pki.file('portcullis.yaml');
  writeFileSync(file, JSON.stringify(configuration));
  return file;
}

/** The program as docs/installation.md installs it, with the configuration of the test. */
function launcher(configuration: string): string {
  return `#!/bin/sh
export PORTCULLIS_CONFIG='${configuration}'
exec '${process.execPath}' '${path.resolve(portcullisProgram)}' "$@"
`;
}

function isOpen(socket: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const connection = connect(socket);
  connection.once('connect', () => resolve(true)).once('error', () => resolve(false));
  return promise.finally(() => connection.destroy());
}

/** Between two requests of a client, milliseconds: what is restarted needs the processor as well. */
const pauseMs = 20;

/** Asks four at a time, each on a connection of its own, until it is told to end. */
function startLoad(url: string) {
  const agent = new Agent({ rejectUnauthorized: false, keepAlive: false });
  const answers: string[] = [];
  let isRunning = true;
  const askOn = async (): Promise<void> => {
    while (isRunning) {
      answers.push(await ask(url, agent));
      await sleep(pauseMs);
    }
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

async function ask(url: string, agent: Agent): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  get(url, { agent }, (response) => {
    text(response).then(
      (body) => resolve(`${response.statusCode} ${body}`),
      (error) => resolve(`cut off: ${error}`),
    );
  }).once('error', (error) => resolve(`failed: ${error}`));
  return promise;
}
