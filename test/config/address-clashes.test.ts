import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadRight, problemsOf } from './support.ts';

function uwsgi(address: string, sockets = 'shared'): string {
  return `listen: { uwsgi: { address: '${address}', sockets: ${sockets} } }`;
}

/** The main pool at one address, and another pool at another, each with four workers. */
function two(one: readonly string[], other: readonly string[]): string {
  const of = ([address = '', sockets]: readonly string[]): string => uwsgi(address, sockets);
  return `workers: 4\n${of(one)}\npools: { other: { workers: 4, ${of(other)} } }`;
}

describe('addressProblems', () => {
  const free: readonly (readonly [readonly string[], readonly string[]])[] = [
    [['unix:/a.sock'], ['unix:/b.sock']],
    [['unix:/a.sock', 'worker'], ['unix:/a.sock']],
    [['unix:/a.sock', 'worker'], ['unix:/a-5.sock']],
    [['127.0.0.1:9001', 'worker'], ['127.0.0.1:9005']],
    [['127.0.0.1:9001'], ['127.0.0.2:9001']],
    [['127.0.0.1:9001'], ['[::1]:9001']],
    [['[::1]:9001'], ['127.0.0.1:9001']],
  ];
  for (const [one, other] of free) {
    it(`addressProblems allows ${one.join(' ')} and ${other.join(' ')}`, async () => {
      await loadRight(two(one, other));
    });
  }

  const taken: readonly (readonly [readonly string[], readonly string[], string])[] = [
    [['unix:/a.sock'], ['unix:/x/../a.sock'], 'unix:/a.sock'],
    [['unix:/a.sock', 'worker'], ['unix:/a-4.sock'], 'unix:/a-4.sock'],
    [['unix:/a-1.sock'], ['unix:/a.sock', 'worker'], 'unix:/a-1.sock'],
    [['unix:/a.sock', 'worker'], ['unix:/a.sock', 'worker'], 'unix:/a-1.sock'],
    [['127.0.0.1:9001', 'worker'], ['127.0.0.1:9004'], '127.0.0.1:9004'],
    [['127.0.0.1:9004'], ['127.0.0.1:9001', 'worker'], '127.0.0.1:9004'],
    [['127.0.0.1:9004', 'worker'], ['127.0.0.1:9001', 'worker'], '127.0.0.1:9004'],
    [['127.0.0.1:9001'], ['[::ffff:127.0.0.1]:9001'], '[::ffff:127.0.0.1]:9001'],
    [['[::1]:9001'], ['[0:0::1]:9001'], '[0:0::1]:9001'],
  ];
  for (const [one, other, address] of taken) {
    it(`addressProblems refuses ${one.join(' ')} and ${other.join(' ')}`, async () => {
      assert.deepEqual(await problemsOf(two(one, other)), [
        `pools.other.listen.uwsgi.address: Cannot listen at ${address} twice: listen.uwsgi.address is there; each listener needs an address of its own`,
      ]);
    });
  }

  it('addressProblems counts an address of all hosts with each of them', async () => {
    const http = (main: string, other: string): string =>
      `listen: { http: { address: '${main}' } }\npools: { other: { listen: { http: { address: '${other}' } } } }`;
    for (const [main, other] of [
      ['0.0.0.0:80', '127.0.0.1:80'],
      ['127.0.0.1:80', '[::]:80'],
      ['[::]:80', '[2001:db8::1]:80'],
      ['0.0.0.0:80', '[::]:80'],
    ] as const) {
      assert.equal((await problemsOf(http(main, other))).length, 1, `${main} ${other}`);
    }
    await loadRight(http('0.0.0.0:80', '[2001:db8::1]:80'));
  });

  it('addressProblems counts the listeners of the monitor', async () => {
    const stats = 'monitor: { stats: { address: unix:/run/portcullis/content.sock } }';
    assert.match(
      (await problemsOf(stats))[0] ?? '',
      /^monitor\.stats\.address: .+ twice: listen\.uwsgi\.address is there/,
    );
    const metrics = `monitor: { metrics: { address: '127.0.0.1:9002' } }\nworkers: 2\n`;
    assert.match(
      (await problemsOf(metrics + uwsgi('127.0.0.1:9001', 'worker')))[0] ?? '',
      /^monitor\.metrics\.address: Cannot listen at 127\.0\.0\.1:9002 twice/,
    );
    await loadRight('monitor: { stats: , metrics: }');
    assert.equal(
      (await problemsOf('monitor: { stats: { address: unix:/m }, metrics: { address: unix:/m } }'))
        .length,
      1,
    );
  });

  it('addressProblems tells one problem for each listener, not for each worker', async () => {
    const text = `workers: 50\nlisten: { uwsgi: { address: unix:/a.sock, sockets: worker }, http: { address: unix:/a.sock, sockets: worker } }`;
    assert.deepEqual(
      (await problemsOf(text)).map((problem) => problem.split(':')[0]),
      ['listen.http.address'],
    );
  });

  it('addressProblems takes the highest port for the last worker, and none beyond', async () => {
    const at = (port: number): string => `workers: 4\n${uwsgi(`127.0.0.1:${port}`, 'worker')}`;
    await loadRight(at(65_532));
    assert.deepEqual(await problemsOf(at(65_533)), [
      "listen.uwsgi.address: Cannot give each of 4 workers its socket from 127.0.0.1:65533: the last one's port would be 65536, the highest is 65535",
    ]);
  });

  it('addressProblems takes the longest path for the last worker, and none beyond', async () => {
    const at = (length: number, workers: number): string =>
      `workers: ${workers}\n${uwsgi(`unix:/${'s'.repeat(length - 1)}`, 'worker')}`;
    await loadRight(at(105, 9));
    await loadRight(at(104, 10));
    assert.match(
      (await problemsOf(at(106, 9)))[0] ?? '',
      /^listen\.uwsgi\.address: .+longer than 107 bytes$/,
    );
    assert.match((await problemsOf(at(105, 10)))[0] ?? '', /longer than 107 bytes$/);
  });
});
