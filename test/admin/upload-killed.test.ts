/** An upload by the real program that is killed half-way, and resumed. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Client } from '../api/client.ts';
import { runRepositoryTasks } from '../api/repository-fixture.ts';
import { admin } from '../api/running-api.ts';
import { filesBelow } from '../storage/opened.ts';
import { needs } from '../support/needs.ts';
import { until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { adminProgram } from './program.ts';
import { startRealApi } from './real-api.ts';

const mebibyte = 1024 * 1024;
const fileMebibytes = 200;

/** Of the program with what Node takes; a file that is held would go far above. */
const programMebibytesMax = 190;

describe('uploads of portcullis-admin', { skip: needs('openssl') }, () => {
  it('portcullis-admin goes on with an upload that was killed, and holds little of it in memory', async () => {
    using directory = temporaryDirectory();
    await using real = await startRealApi('directly');
    await using _ = await runRepositoryTasks(real.api);
    const { port, caPath } = real.settings;
    const config = directory.file('admin.conf');
    writeFileSync(
      config,
      `[server]\nhost: localhost\nport: ${port}\nca_path: ${caPath}\nupload_chunk_size: ${2 * mebibyte}
[filesystem]\nupload_working_dir: ${directory.file('uploads')}\n`,
    );
    const file = directory.file('large.iso');
    closeSync(openSync(file, 'w'));
    truncateSync(file, fileMebibytes * mebibyte);
    const begin = (...words: readonly string[]): Program =>
      new Program(['--config', config, '-u', admin.login, '-p', admin.password, ...words]);
    const repo = ['iso', 'repo'];
    await begin(...repo, 'create', '--repo-id', 'files').succeeded();

    const killed = begin(...repo, 'uploads', 'upload', '--repo-id', 'files', '--file', file);
    const client = new Client(real.api);
    let sent = 0;
    await until(
      'a part of the file is sent',
      async () => {
        const { upload_ids: ids } = (await client.ok(200, 'GET', '/v2/content/uploads/')) as {
          upload_ids: string[];
        };
        for (const id of ids) {
          const { body } = await client.call('GET', `/v2/content/uploads/${id}/`);
          sent = body.size;
        }
        return sent > 10 * mebibyte;
      },
      60_000,
    );
    await killed.kill();
    assert.ok(sent < fileMebibytes * mebibyte, 'it was killed before the end');
    const [tracker] = JSON.parse(await begin('--json', ...repo, 'uploads', 'list').succeeded());
    assert.ok(tracker.sent >= sent && tracker.sent < fileMebibytes * mebibyte, tracker.sent);

    const resumed = begin('-v', ...repo, 'uploads', 'resume');
    assert.match(await resumed.succeeded(), /large\.iso +uploaded and imported$/m);
    assert.ok(resumed.mebibytesMost < programMebibytesMax, `${resumed.mebibytesMost} MiB`);
    // What had arrived was not sent again.
    const [first] = resumed.err.match(/(?<=PUT \S+\/)\d+(?=\/ )/g) ?? [];
    assert.equal(Number(first), tracker.sent);
    assert.equal(
      JSON.parse(await begin('--json', ...repo, 'uploads', 'list').succeeded()).length,
      0,
    );
    const isos = await begin('--json', ...repo, 'isos', '--repo-id', 'files').succeeded();
    const [unit] = JSON.parse(isos);
    assert.equal(unit.metadata.size, fileMebibytes * mebibyte);
    assert.deepEqual(filesBelow(directory.file('uploads')), []);
  });
});

/** The program, and the most memory that it was seen with. */
class Program {
  readonly #child: ChildProcess;
  readonly #over: Promise<unknown>;
  #out = '';
  err = '';
  mebibytesMost = 0;

  constructor(line: readonly string[]) {
    const { PATH, NODE_COMPILE_CACHE } = process.env;
    const child = spawn(process.execPath, [adminProgram, ...line], {
      env: { PATH, NODE_COMPILE_CACHE, HOME: '/nonexistent' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.setEncoding('utf8').on('data', (text) => {
      this.#out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.err += text;
      this.#measure();
    });
    this.#child = child;
    this.#over = once(child, 'close');
  }

  /** Gives what it wrote. */
  async succeeded(): Promise<string> {
    await this.#over;
    assert.equal(this.#child.exitCode, 0, this.err);
    return this.#out;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#over;
  }

  /** Its high-water mark, as the kernel keeps it. */
  #measure(): void {
    const status = this.#child.exitCode === null ? statusOf(this.#child.pid) : '';
    const [, kibibytes = '0'] = /^VmHWM:\s+(\d+)/m.exec(status) ?? [];
    this.mebibytesMost = Math.max(this.mebibytesMost, Number(kibibytes) / 1024);
  }
}

function statusOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
