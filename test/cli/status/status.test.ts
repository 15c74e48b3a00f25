import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { readStatus } from '../../../src/cli/status/read-status.ts';
import { createAggregate } from '../../../src/metrics/aggregate.ts';
import { createStatsServer } from '../../../src/metrics/stats-server.ts';
import type { PrimaryStatus } from '../../../src/metrics/status.ts';
import { uwsgiStats } from '../../../src/metrics/uwsgi-stats.ts';
import { sampleStatus } from '../../metrics/sample.ts';
import { needs } from '../../support/needs.ts';
import { portcullisProgram } from '../../support/portcullis.ts';
import { stop, until } from '../../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary.ts';
import { toolPath } from '../../support/tools.ts';
import { directoryWith, portcullis } from '../program.ts';

/** A stats socket of an instance that is as `status` says. */
async function startInstance(
  directory: TemporaryDirectory,
  status: PrimaryStatus,
): Promise<AsyncDisposable & { readonly path: string }> {
  const { totals } = createAggregate();
  const server = createStatsServer({
    document: () => uwsgiStats(status, totals(status.workers)),
    onFault: (error) => assert.fail(String(error)),
  });
  const path = directory.file('stats.sock');
  await server.listen({ path });
  return { path, [Symbol.asyncDispose]: () => server.close() };
}

const unready = sampleStatus({ pools: [{ name: 'main', wanted: 2, serving: 0 }] });

describe('portcullis status', () => {
  test('portcullis status writes a table once, from the socket of the configuration', async () => {
    using directory = directoryWith(`
monitor: { stats: { address: "unix:stats.sock" } }
listen: { uwsgi: { address: "unix:content.sock" } }
`);
    await using _instance = await startInstance(directory, sampleStatus());
    const { code, out, err } = await portcullis(['status', '--config', directory.configuration]);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^Portcullis 0\.1\.0, pid 1000: serving, /);
    assert.match(out, /^ +2 {2}main {2}serving {2}1002 /m);
    assert.equal(out.includes('\u001b'), false);
  });

  test('portcullis status --json writes the status, and 1 says that it is not ready', async () => {
    using directory = temporaryDirectory();
    await using instance = await startInstance(directory, unready);
    const line = ['status', '--json', '--address', `unix:${instance.path}`];
    const { code, out } = await portcullis(line);
    assert.equal(code, 1);
    const { schema, ready, reasons, workers } = JSON.parse(out);
    assert.deepEqual([schema, ready, workers.length], [1, false, 2]);
    assert.deepEqual(reasons, ['the pool main has no worker that serves']);
  });

  test('portcullis status ends with 69 when nothing listens, and says what would', async () => {
    using directory = temporaryDirectory();
    const path = directory.file('stats.sock');
    const { code, out, err } = await portcullis(['status', '--address', `unix:${path}`]);
    assert.deepEqual([code, out], [69, '']);
    assert.equal(
      err,
      `Cannot read the status at unix:${path}: nothing listens there; portcullis serve with this monitor.stats.address would, and portcullis emperor with this --stats\n`,
    );
  });

  test('portcullis status ends with 69 when the configuration has no socket, and says how', async () => {
    using directory = directoryWith('listen: { uwsgi: { address: "unix:s" } }');
    const { code, err } = await portcullis(['status', '--config', directory.configuration]);
    assert.equal(code, 69);
    assert.match(err, /^Cannot read the status: the configuration has no monitor\.stats; /);
  });

  test('portcullis status refuses an address that is none', async () => {
    const { code, err } = await portcullis(['status', '--address', 'here\u001b[2J']);
    assert.equal(code, 64);
    assert.match(err, /^Cannot use --address="here\\u001b\[2J": expected unix:PATH/);
  });
});

describe('readStatus', () => {
  async function readFrom(answer: string, options: Parameters<typeof readStatus>[1] = {}) {
    using directory = temporaryDirectory();
    const path = directory.file('s');
    const server = createServer((socket) => {
      socket.on('error', () => {});
      if (answer === 'silence') socket.resume();
      else socket.end(answer);
    });
    server.listen(path);
    await once(server, 'listening');
    try {
      const reading = await readStatus({ type: 'unix', path }, options);
      if (!('problem' in reading)) return 'status' in reading ? 'a status' : 'an emperor';
      return reading.problem.replace(`Cannot read the status at unix:${path}: `, '');
    } finally {
      server.close();
    }
  }

  test('readStatus() reads a document at its limit, and no longer one', async () => {
    const document = '{"portcullis": {"schema": 1, "state": "serving"}}';
    assert.equal(await readFrom(document, { bytesMax: document.length }), 'a status');
    const problem = await readFrom(document, { bytesMax: document.length - 1 });
    assert.equal(problem, `it is longer than ${document.length - 1} bytes`);
  });

  test('readStatus() says what it met instead of a status', async () => {
    assert.match(await readFrom('{"vassals": []}'), /^what listens there is no Portcullis; /);
    assert.match(await readFrom(''), /^it was closed without an answer/);
    const late = await readFrom('silence', { msMax: 100 });
    assert.equal(late, 'there was no whole answer within 0.1 s');
  });
});

describe('portcullis status in a terminal', { skip: needs('script') }, () => {
  interface Screen {
    readonly child: ChildProcess;
    readonly ended: Promise<unknown>;
    text(): string;
    press(keys: string): void;
  }

  /** Runs it between two looks at the settings of the terminal. */
  function startInTerminal(address: string): Screen {
    const program = `${process.execPath} ${portcullisProgram} status --address unix:${address}`;
    const command = `stty rows 30 cols 100; stty -g; ${program}; echo "code $?"; stty -g`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { PATH: toolPath, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += String(chunk);
    });
    return {
      child,
      ended: once(child, 'close'),
      text: () => text,
      press: (keys) => child.stdin.write(keys),
    };
  }

  for (const [name, key] of [
    ['q', 'q'],
    ['Ctrl-C', '\u0003'],
  ] as const) {
    test(`portcullis status draws the table anew until ${name}, and restores the terminal`, async () => {
      using directory = temporaryDirectory();
      await using instance = await startInstance(directory, unready);
      const screen = startInTerminal(instance.path);
      try {
        const drawn = (): number => screen.text().split('Not ready: the pool main').length - 1;
        await until('it is drawn twice', () => drawn() >= 2, 30_000);
        screen.press(key);
        await screen.ended;
      } finally {
        await stop(screen.child);
      }
      const text = screen.text();
      const settings = text.match(/^[0-9a-f]+(?::[0-9a-f]+)+\r?$/gm) ?? [];
      assert.equal(settings.length, 2, text);
      assert.equal(settings[0], settings[1]);
      assert.match(text, /code 1\r?\n/);
      const left = text.lastIndexOf('\u001b[?1049l');
      assert.ok(text.includes('\u001b[?1049h') && left > text.lastIndexOf('\u001b[?1049h'));
      assert.ok(text.lastIndexOf('\u001b[?25h') > text.lastIndexOf('\u001b[?25l'));
    });
  }
});
