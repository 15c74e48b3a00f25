/** A limit of downloads while the workers that count are killed. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Tokens } from '../../src/tokens/tokens.ts';
import { writeTree } from '../support/application.ts';
import { sendSignal, until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { openTokenStore, terms } from '../tokens/token-fixture.ts';
import { type Instance, patienceMs, startInstance } from './pool.ts';

const workers = 4;
const clients = 8;
const downloadsMax = 60;

/** After so many downloads a worker is killed. */
const kills = [15, 35];

const content = '0123456789';

describe('a limit of downloads while workers are killed', () => {
  it('T64 lets in no more than the limit, and loses no more than was cut off', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('store.db');
    await using store = await openTokenStore({ type: 'sqlite', file });
    const operator = new Tokens(store, () => new Date());
    const made = await operator.create(terms({ downloadsMax }), 'admin');
    assert.ok(made.outcome === 'created');
    const root = directory.file('root');
    writeTree(root, { 'a.txt': content });
    const socket = directory.file('p.sock');
    await using instance = startInstance(directory, {
      workers,
      store: { file },
      listen: { uwsgi: { address: `unix:${socket}` } },
      access: { timeLimitSeconds: 30 },
      distributions: [{ relativeUrl: 'acme', root, access: { token: {} } }],
    });
    await instance.whole(workers);
    const tally = { whole: 0, refused: 0, cut: 0 };
    const killed = new Set<number>();
    let isOver = false;
    const isRefused = () => tally.refused > 0 || isOver;
    const client = async (): Promise<void> => {
      while (!isRefused()) {
        const status = await get(socket, made.secret).catch(() => undefined);
        if (status === 200) tally.whole += 1;
        else if (status === 403) tally.refused += 1;
        else tally.cut += 1;
      }
    };
    const kill = async (): Promise<void> => {
      for (const downloads of kills) {
        const isDue = () => tally.whole + tally.cut >= downloads || isRefused();
        await until(`${downloads} downloads`, isDue, patienceMs);
        await killOne(instance, killed);
      }
    };
    try {
      await Promise.all([kill(), ...Array.from({ length: clients }, client)]);
    } finally {
      isOver = true;
    }
    const { counts } = (await operator.byId(made.token._id)) ?? {};
    assert.equal(counts?.downloads, downloadsMax);
    assert.ok(tally.whole <= downloadsMax, JSON.stringify(tally));
    assert.ok(tally.whole + tally.cut >= downloadsMax, JSON.stringify(tally));
  });
});

/** The status, when the whole body came. */
async function get(socket: string, secret: string): Promise<number> {
  const variables = getVariables('/pulp/repos/acme/a.txt', [
    ['HTTPS', 'on'],
    ['HTTP_AUTHORIZATION', `Bearer ${secret}`],
  ]);
  const answer = await uwsgiRequest({ path: socket }, variables, { timeoutMs: patienceMs });
  if (answer.status === 200) assert.equal(answer.body.toString(), content);
  return answer.status;
}

/** The primary may not have noticed yet that one is dead: none is killed twice. */
async function killOne(instance: Instance, killed: Set<number>): Promise<void> {
  const { workers: all } = await instance.status();
  const victim = all.find(({ phase, pid }) => phase === 'serving' && !killed.has(pid));
  assert.ok(victim !== undefined, 'a worker serves');
  killed.add(victim.pid);
  sendSignal(victim.pid, 'SIGKILL');
}
