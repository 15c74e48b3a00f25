/** Tokens that are made and ended by the API, as the workers of two instances obey, on any store. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import type { StoreContract, StoreHost } from '../contracts/store-fixture.ts';
import { basic, writeTree } from '../support/application.ts';
import { startPortcullis } from '../support/portcullis.ts';
import { until } from '../support/processes.ts';
import { openStoredPeople } from '../support/stored-people.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { getVariables, type RawAnswer, uwsgiRequest } from '../support/uwsgi-client.ts';
import { delaysOf, lateMax } from './change-delays.ts';
import { patienceMs } from './pool.ts';

/** Instances as on two hosts, each with its workers, each of them with a socket of its own. */
const instances = 2;
const workers = 2;

const login = 'keeper';
const password = 'of all the tokens';

const https = [
  ['HTTPS', 'on'],
  ['REQUEST_SCHEME', 'https'],
] as const;

interface Made {
  readonly id: string;
  readonly secret: string;
}

export function testApiTokens(contract: StoreContract): void {
  describe(`tokens by the API on ${contract.name}`, { skip: contract.skip }, () => {
    const stack = new AsyncDisposableStack();
    let sockets: readonly string[];
    before(async () => {
      sockets = await startSite(stack, await contract.host());
    });
    after(() => stack.disposeAsync());

    /** By one worker after the other: whichever it is, all obey. */
    let calls = 0;
    const call = async (method: string, path: string, body?: object): Promise<RawAnswer> => {
      const socket = sockets[calls % sockets.length] ?? '';
      calls += 1;
      const text = body === undefined ? '' : JSON.stringify(body);
      const variables = getVariables(`/pulp/api/v2/tokens/${path}`, [
        ...https,
        ['REQUEST_METHOD', method],
        ['CONTENT_LENGTH', text === '' ? '' : String(Buffer.byteLength(text))],
        ['HTTP_AUTHORIZATION', basic(login, password)],
      ]);
      const answer = await uwsgiRequest({ path: socket }, variables, {
        body: text,
        timeoutMs: patienceMs,
      });
      assert.ok([200, 201].includes(answer.status), answer.body.toString());
      return answer;
    };
    const make = async (limits: object = {}): Promise<Made> =>
      JSON.parse((await call('POST', '', { customer: 'acme', ...limits })).body.toString());
    const isAllowed = async (secret: string, socket: string): Promise<boolean> => {
      const authorization = ['HTTP_AUTHORIZATION', `Bearer ${secret}`] as const;
      const variables = getVariables('/pulp/repos/acme/file.txt', [...https, authorization]);
      const answer = await uwsgiRequest({ path: socket }, variables, { timeoutMs: patienceMs });
      assert.ok([200, 401, 403].includes(answer.status), String(answer.status));
      return answer.status === 200;
    };

    it('T54 every worker of every instance ends a token within the published time', async () => {
      const ends: Readonly<Record<string, (made: Made) => Promise<unknown>>> = {
        'a revoked token': ({ id }) => call('POST', `${id}/actions/revoke/`, { reason: 'leaked' }),
        'a deleted token': ({ id }) => call('DELETE', `${id}/`),
        'a secret before the present one': ({ id }) => call('POST', `${id}/actions/rotate/`, {}),
        'a token whose time is over': ({ id }) =>
          call('PUT', `${id}/`, { delta: { valid_until: '2026-01-01T00:00:00Z' } }),
        'a token for another distribution': ({ id }) =>
          call('PUT', `${id}/`, { delta: { distributions: ['other'] } }),
      };
      const delays: number[] = [];
      for (const [what, end] of Object.entries(ends)) {
        const made = await make();
        const change = { what, sockets, make: () => end(made) };
        const allowed = (socket: string) => isAllowed(made.secret, socket);
        delays.push(...(await delaysOf({ ...change, isAllowed: allowed })));
      }
      const late = delays.filter((delay) => delay >= changeReachesWithinMilliseconds);
      assert.ok(late.length <= lateMax, `${delays.map(Math.round).join()} ms`);
    });

    it('a rotated token is good with both secrets on every worker, as long as they overlap', async () => {
      const { id, secret } = await make();
      for (const socket of sockets) assert.ok(await isAllowed(secret, socket));
      const answer = await call('POST', `${id}/actions/rotate/`, { overlap_seconds: 3600 });
      const { secret: other } = JSON.parse(answer.body.toString());
      for (const socket of sockets) {
        assert.ok(await isAllowed(secret, socket), 'the one before');
        await until('the new one is good', () => isAllowed(other, socket), patienceMs);
      }
    });

    it('a token that is used up on all workers together is good again when its limit is raised', async () => {
      const { id, secret } = await make({ downloads_max: 3 });
      const allowed: boolean[] = [];
      for (const socket of sockets) allowed.push(await isAllowed(secret, socket));
      assert.deepEqual(allowed, [true, true, true, false]);
      const used = JSON.parse((await call('GET', `${id}/`)).body.toString());
      const { state, downloads, bytes } = used;
      assert.deepEqual([state, downloads, bytes], ['used_up', 3, 3 * 'content'.length]);
      assert.match(used.last_used, /^20\d\d-\d\d-\d\dT/);
      await call('PUT', `${id}/`, { delta: { downloads_max: 4 } });
      const [socket = ''] = sockets;
      await until('one more is let in', () => isAllowed(secret, socket), patienceMs);
      for (const each of sockets) assert.equal(await isAllowed(secret, each), false);
    });
  });
}

/** @returns the sockets of all workers */
async function startSite(stack: AsyncDisposableStack, host: StoreHost): Promise<readonly string[]> {
  stack.use(host);
  const stored = stack.use(await openStoredPeople(host.settings()));
  await stored.addUser(login, password, ['super-users']);
  const directory = stack.use(temporaryDirectory());
  const root = directory.file('root');
  writeTree(root, { 'file.txt': 'content' });
  const sockets: string[] = [];
  for (let instance = 0; instance < instances; instance += 1) {
    const address = `unix:${directory.file(`i${instance}.sock`)}`;
    stack.use(
      await startPortcullis({
        ...stored.settings,
        workers,
        roles: ['content', 'api'],
        distributions: [{ relativeUrl: 'acme', root, access: { token: {} } }],
        listen: { uwsgi: { address, sockets: 'worker' } },
        access: { timeLimitSeconds: 30 },
      }),
    );
    for (let worker = 1; worker <= workers; worker += 1) {
      sockets.push(directory.file(`i${instance}-${worker}.sock`));
    }
  }
  return sockets;
}
