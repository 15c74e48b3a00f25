import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { describe, test } from 'node:test';
import {
  acceptCountMin,
  acceptMsMax,
  acceptWaiting,
} from '../../src/listeners/waiting-connections.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { startPool } from '../support/worker.ts';

/** Holds the event loop at each request, so that connections wait. */
const program = `
  export const listener = (request, response) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(request.url.slice(1)));
    response.end('whole');
  };
`;

/** Its body, or the code of its error. */
function askHttp(socketPath: string, target: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const request = get({ socketPath, path: target, agent: false }, (response) => {
    response.on('data', (body: Buffer) => resolve(body.toString()));
  });
  request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  return promise;
}

async function askUwsgi(path: string, target: string): Promise<string> {
  const answer = await uwsgiRequest({ path }, getVariables(target));
  return answer.reset ? 'reset' : answer.body.toString();
}

describe('connections that wait when a server is to close', () => {
  for (const [kind, ask] of [
    ['http', askHttp],
    ['uwsgi', askUwsgi],
  ] as const) {
    test(`are accepted and answered by the ${kind} listener of a worker that drains`, async () => {
      await using pool = await startPool(
        (directory) => {
          writeFileSync(directory.file('app.mjs'), program);
          const address = `unix:${directory.file('s.sock')}`;
          return { application: { module: './app.mjs' }, listen: { [kind]: { address } } };
        },
        (directory) => ({ [kind]: { type: 'unix', path: directory.file('s.sock') } }),
      );
      const worker = await pool.start();
      const path = pool.directory.file('s.sock');
      const slow = ask(path, '/500');
      const waiting = Array.from({ length: 20 }, () => ask(path, '/1'));
      worker.send({ type: 'drain' });
      const answers = await Promise.all([slow, ...waiting]);
      assert.deepEqual(
        answers,
        answers.map(() => 'whole'),
      );
      assert.deepEqual(await worker.ended, [0, null]);
    });
  }

  test('are accepted to the limit of time and of number, however many come', async () => {
    let accepted = 0;
    const start = performance.now();
    await acceptWaiting(() => {
      accepted += 1;
      return accepted;
    });
    assert.ok(performance.now() - start >= acceptMsMax);
    assert.ok(accepted > acceptCountMin);
  });

  test('are accepted beyond the limit of time while they are few', async () => {
    let accepted = 0;
    await acceptWaiting(() => {
      const lastMs = performance.now() + (accepted === 1 ? 2 * acceptMsMax : 0);
      while (performance.now() < lastMs);
      if (accepted < acceptCountMin) accepted += 1;
      return accepted;
    });
    assert.equal(accepted, acceptCountMin);
  });
});
