import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { runCommand } from './program.ts';
import { refusalCases } from './refusal-cases.ts';
import { type AdminServer, startAdminServer } from './server.ts';

describe('portcullis-admin and refusals', { skip: needs('openssl') }, () => {
  let server: AdminServer;
  before(async () => {
    server = await startAdminServer();
  });
  after(() => server?.[Symbol.asyncDispose]());

  for (const { what, told, code, err } of refusalCases) {
    it(`portcullis-admin tells of ${what}, and ends with ${code}`, async () => {
      server.answer = () => told;
      const list = ['-u', 'joe', '-p', 's3cret', 'auth', 'user', 'list'];
      assert.deepEqual(await runCommand(list, server.settings), { code, out: '', err });
    });
  }

  it('portcullis-admin believes no shape of a refusal', async () => {
    for (const status of [400, 401, 403, 404, 409, 418, 429, 500, 503]) {
      for (const body of [null, 1, 'x', [], { error: [], resources: 1 }, { error: { data: 1 } }]) {
        server.answer = () => ({ status, body: typeof body === 'string' ? '"x"' : body });
        const list = ['-u', 'joe', '-p', 's3cret', 'auth', 'user', 'list'];
        const { code, out, err } = await runCommand(list, server.settings);
        assert.ok([65, 70, 77].includes(code ?? 0), `${status} ${JSON.stringify(body)}: ${code}`);
        assert.equal(out, '');
        assert.doesNotMatch(err, /defect|s3cret|undefined|\[object/);
      }
    }
  });

  it('portcullis-admin sends nothing to where a redirect points (T89)', async () => {
    server.answer = () => ({
      status: 302,
      body: '',
      headers: { Location: `https://localhost:${server.port}/elsewhere` },
    });
    const before = server.asked.length;
    await runCommand(['-u', 'joe', '-p', 'x', 'auth', 'user', 'list'], server.settings);
    assert.equal(server.asked.length, before + 1);
  });
});
