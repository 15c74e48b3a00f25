/** Apache and lighttpd send the same protocol and mean other things by its variables. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { uwsgiOf } from '../../src/uwsgi/request.ts';
import { needs } from '../support/needs.ts';
import { freePort, run, stop, until } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { toolPath } from '../support/tools.ts';
import { type RunningServer, startServer } from './support.ts';

interface Front {
  readonly name: 'apache2' | 'lighttpd';
  readonly args: (configuration: string) => readonly string[];
  readonly configuration: (directory: TemporaryDirectory, port: number, upstream: number) => string;
  /** How it joins repeated cookies. */
  readonly cookies: string;
}

const fronts: readonly Front[] = [
  {
    name: 'apache2',
    args: (configuration) => ['-X', '-f', configuration],
    configuration: (directory, port, upstream) => `ServerRoot /usr/lib/apache2
      LoadModule mpm_event_module modules/mod_mpm_event.so
      LoadModule authz_core_module modules/mod_authz_core.so
      LoadModule proxy_module modules/mod_proxy.so
      LoadModule proxy_uwsgi_module modules/mod_proxy_uwsgi.so
      DefaultRuntimeDir ${directory.path}
      PidFile ${directory.file('pid')}
      User www-data
      Group www-data
      ErrorLog ${directory.file('error.log')}
      ServerName localhost
      Listen 127.0.0.1:${port}
      ProxyPass /app uwsgi://127.0.0.1:${upstream}/`,
    cookies: 'a=1, b=2',
  },
  {
    name: 'lighttpd',
    args: (configuration) => ['-D', '-f', configuration],
    configuration: (directory, port, upstream) => `server.modules = ("mod_scgi")
      server.document-root = "${directory.file('html')}"
      server.bind = "127.0.0.1"
      server.port = ${port}
      server.errorlog = "${directory.file('error.log')}"
      scgi.protocol = "uwsgi"
      scgi.server = ("/app" => ((
        "host" => "127.0.0.1", "port" => ${upstream}, "check-local" => "disable"
      )))`,
    cookies: 'a=1; b=2',
  },
];

for (const front of fronts) {
  suite(`behind ${front.name}`, { skip: needs(front.name) }, () => {
    test(`createUwsgiServer() serves what ${front.name} sends`, async () => {
      await using running = await startServer(
        async (request, response) => {
          const chunks = (await request.toArray()) as Buffer[];
          // Long enough for a front that half-closes to have done so.
          await sleep(100);
          const { scriptName, pathInfo } = uwsgiOf(request) ?? {};
          const { cookie } = request.headers;
          const body = Buffer.concat(chunks).toString();
          response.end(JSON.stringify([request.url, scriptName, pathInfo, cookie ?? null, body]));
        },
        { host: '127.0.0.1' },
      );
      using directory = temporaryDirectory();
      const port = await freePort();
      const child = await start(front, directory, port, running);
      try {
        const ask = async (path: string, ...args: readonly string[]): Promise<unknown> => {
          const url = `http://127.0.0.1:${port}${path}`;
          return JSON.parse((await run('curl', ['-sS', ...args, url])).stdout.toString());
        };
        const cookies = ['-H', 'Cookie: a=1', '-H', 'Cookie: b=2'];
        assert.deepEqual(await ask('/app/a%20b?q=%20', ...cookies), [
          '/app/a%20b?q=%20',
          '/app',
          '/a b',
          front.cookies,
          '',
        ]);
        assert.deepEqual(await ask('/app/app/x'), ['/app/app/x', '/app', '/app/x', null, '']);
        assert.deepEqual(await ask('/app/p', '-d', 'a=1'), ['/app/p', '/app', '/p', null, 'a=1']);
        assert.deepEqual([running.refused, running.errors], [[], []]);
      } finally {
        await stop(child);
      }
    });
  });
}

async function start(
  front: Front,
  directory: TemporaryDirectory,
  port: number,
  { address }: RunningServer,
): Promise<ChildProcess> {
  const upstream = 'port' in address ? address.port : 0;
  mkdirSync(directory.file('html'));
  const configuration = directory.file(`${front.name}.conf`);
  writeFileSync(configuration, front.configuration(directory, port, upstream));
  const env = { ...process.env, PATH: toolPath };
  const child = spawn(front.name, front.args(configuration), { stdio: 'ignore', env });
  const url = `http://127.0.0.1:${port}/ready`;
  await until(`${front.name} answers`, async () => {
    if (child.exitCode !== null) throw new Error(`${front.name} exited with ${child.exitCode}`);
    return (await run('curl', ['-s', '-o', '/dev/null', url])).code === 0;
  });
  return child;
}
