import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { statsServerLimits } from '../../src/metrics/stats-server.ts';
import { needs, needsRoot } from '../support/needs.ts';
import { freePort, until } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { patienceMs, startInstance } from './pool.ts';

function configurationFor(directory: TemporaryDirectory, more: object = {}): object {
  writeFileSync(directory.file('a.txt'), 'the content');
  return {
    workers: 1,
    supervision: { heartbeatSeconds: 0.2 },
    listen: { uwsgi: { address: `unix:${directory.file('s')}` } },
    distributions: [{ relativeUrl: 'a', root: directory.path, access: 'public' }],
    ...more,
  };
}

async function assertServes(directory: TemporaryDirectory): Promise<void> {
  const variables = getVariables('/pulp/repos/a/a.txt');
  const address = { path: directory.file('s') };
  const { body } = await uwsgiRequest(address, variables, { timeoutMs: patienceMs });
  assert.equal(body.toString(), 'the content');
}

/** Starts what cannot start, and gives its exit status and the one line that it wrote. */
async function refusal(configuration: object): Promise<string> {
  using directory = temporaryDirectory();
  await using instance = startInstance(directory, configuration);
  const code = await instance.ended;
  await until('its words have come', () => instance.output().endsWith('\n'));
  return `${code} ${instance.output()}`;
}

// Most of the time is waiting.
describe('portcullis serve with what it cannot work with', { concurrency: 3 }, () => {
  it('a second instance is refused with the number of the first, which serves on', async () => {
    using directory = temporaryDirectory();
    const port = await freePort();
    const own = directory.file('own.sock');
    const pidFile = directory.file('portcullis.pid');
    const stats = directory.file('stats.sock');
    const listen = {
      uwsgi: { address: `unix:${directory.file('s')}` },
      http: { address: `127.0.0.1:${port}` },
    };
    const pools = {
      own: { workers: 2, listen: { uwsgi: { address: `unix:${own}`, sockets: 'worker' } } },
    };
    const configuration = configurationFor(directory, { listen, pools, process: { pidFile } });
    await using first = startInstance(directory, configuration);
    await first.whole(3);
    const files = [directory.file('s'), directory.file('own-2.sock'), stats, pidFile];
    const inodes = files.map((file) => statSync(file).ino);

    using other = temporaryDirectory();
    const free = { uwsgi: { address: `unix:${other.file('s')}` } };
    const { pid } = first.child;
    const listens = (address: string): RegExp =>
      new RegExp(`^69 Cannot listen on ${address}: process ${pid} .*\n$`);
    for (const [more, expected] of [
      [{ listen: { uwsgi: listen.uwsgi } }, listens(`unix:${directory.file('s')}`)],
      [{ listen: { http: listen.http } }, listens(`127.0.0.1:${port}`)],
      [{ workers: 2, listen: pools.own.listen }, listens(`unix:${directory.file('own-1.sock')}`)],
      [{ monitor: { stats: { address: `unix:${stats}` } } }, listens(`unix:${stats}`)],
      [
        { process: { pidFile } },
        new RegExp(`^69 Cannot hold the pid file ${pidFile}: process ${pid}, .*\n$`),
      ],
    ] as const) {
      const configured = configurationFor(other, { listen: free, ...more });
      assert.match(await refusal(configured), expected);
    }
    assert.deepEqual(
      files.map((file) => statSync(file).ino),
      inodes,
    );
    assert.equal(readFileSync(pidFile, 'utf8'), `${pid}\n`);
    await assertServes(directory);
  });

  it('a socket directory that is a file, an unknown user and no worker at all are refused in one line', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('a.txt');
    const user = 'portcullis-no-such-user';
    const uwsgi = { address: `unix:${directory.file('s')}` };
    for (const [more, expected] of [
      [
        { listen: { uwsgi: { address: `unix:${file}/s` } } },
        /^69 Cannot listen on .*a\.txt.* is not a directory\n$/,
      ],
      [
        { process: { pidFile: `${file}/p` } },
        /^69 Cannot hold the pid file .*a\.txt is not a directory\n$/,
      ],
      [
        { monitor: { stats: { address: `unix:${file}/s` } } },
        /^69 Cannot listen on .*a\.txt.* is not a directory\n$/,
      ],
      [{ process: { user } }, /^69 Cannot .*portcullis-no-such-user.*no such user.*\n$/],
      [{ process: { user: 4_294_967_000 } }, /^69 Cannot .*4294967000.*\n$/],
      [
        { listen: { uwsgi: { ...uwsgi, owner: user } } },
        /^69 Cannot .*portcullis-no-such-user.*no such user.*\n$/,
      ],
      [{ workers: 0 }, /^78 .*portcullis\.yaml:1:\d+: workers: Cannot use 0: .*\n$/],
    ] as const) {
      assert.match(await refusal(configurationFor(directory, more)), expected);
    }
  });

  it('a client of the statistics that never reads holds up nobody', async () => {
    using directory = temporaryDirectory();
    await using instance = startInstance(directory, configurationFor(directory));
    await instance.whole(1);
    const silent = Array.from({ length: statsServerLimits.connectionsMax }, () => {
      const socket = connect({ path: directory.file('stats.sock'), allowHalfOpen: true }).pause();
      return socket.on('error', () => {});
    });
    const refused = (): Promise<boolean> =>
      instance.status().then(
        () => false,
        () => true,
      );
    await until('there is no place left', refused);
    await assertServes(directory);
    instance.child.kill('SIGHUP');
    await instance.line({ message: 'reload done' });
    const told = async (): Promise<boolean> => !(await refused());
    await until('the places are free again', told, patienceMs);
    await assertServes(directory);
    for (const socket of silent) socket.destroy();
  });
});

/** Mounts a file system of 64 KiB, for this process and its children alone, before it starts. */
const withSmallDisk = (place: string, before = ''): readonly string[] => [
  ...['unshare', '--mount', 'sh', '-c'],
  `mount -t tmpfs -o size=64k tmpfs "$0" || exit 1; ${before} exec "$@"`,
  place,
];

const fillUp = 'head -c 1M /dev/zero > "$0/filler" 2> /dev/null;';

const skip = needsRoot() || needs('unshare');

describe('portcullis serve on a full disk', { skip }, () => {
  it('a log on a full disk keeps nobody from being served, and says later what it lost', async () => {
    using directory = temporaryDirectory();
    const disk = directory.file('disk');
    mkdirSync(disk);
    const log = { file: `${disk}/portcullis.log` };
    const wrapper = withSmallDisk(disk);
    const configuration = configurationFor(directory, { log });
    await using instance = startInstance(directory, configuration, { wrapper });
    const [before] = await instance.whole(1);
    const inside = `/proc/${instance.child.pid}/root${disk}`;
    assert.throws(() => writeFileSync(`${inside}/filler`, Buffer.alloc(1024 * 1024)), /ENOSPC/);
    for (let asked = 0; asked < 200; asked += 1) await assertServes(directory);
    instance.child.kill('SIGTTIN');
    await instance.whole(2);
    rmSync(`${inside}/filler`);
    const lines = (): readonly string[] =>
      readFileSync(`${inside}/portcullis.log`, 'utf8').split('\n').slice(0, -1);
    const saysWhatItLost = async (): Promise<boolean> => {
      await assertServes(directory);
      return lines().some((line) => line.includes('"message":"The log lost lines"'));
    };
    await until('it says what it lost', saysWhatItLost, patienceMs);
    // The full disk may have cut one line of each process, and what follows begins afresh.
    const broken = lines().filter((line) => line !== '' && !line.endsWith('}'));
    assert.ok(broken.length <= 3, broken.join('\n'));
    const pids = (await instance.whole(2)).map(({ pid }) => pid);
    assert.ok(pids.includes(before?.pid ?? 0));
    instance.child.kill('SIGTERM');
    assert.equal(await instance.ended, 0);
    assert.equal(instance.output(), '');
  });

  it('a pid file on a full disk is a refused start, and a log there is none', async () => {
    using directory = temporaryDirectory();
    const disk = directory.file('disk');
    mkdirSync(disk);
    const wrapper = withSmallDisk(disk, fillUp);
    const pidFile = { process: { pidFile: `${disk}/portcullis.pid` } };
    const refused = startInstance(directory, configurationFor(directory, pidFile), { wrapper });
    assert.equal(await refused.ended, 69);
    assert.match(
      refused.output(),
      /^Cannot hold the pid file .*: no space is left on the device\n$/,
    );
    const log = { log: { file: `${disk}/portcullis.log` } };
    await using served = startInstance(directory, configurationFor(directory, log), { wrapper });
    await served.whole(1);
    await assertServes(directory);
  });
});
