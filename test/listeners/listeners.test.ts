import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApplication, writeTree } from '../support/application.ts';
import { httpGet } from '../support/http-client.ts';
import { freePort } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

test('T38 createListeners() hands files over to trusted peers, and gives the content to all others', async () => {
  using directory = temporaryDirectory();
  writeTree(directory.path, { 'file.txt': 'the content\n' });
  for (const [peer, expected] of [
    ['127.0.0.1', ''],
    ['192.0.2.1', 'the content\n'],
  ]) {
    const port = await freePort();
    const http = {
      address: `127.0.0.1:${port}`,
      trustedPeers: [peer],
      handOff: 'x-accel-redirect',
    };
    await using _application = await startApplication({
      listen: { http },
      distributions: [{ relativeUrl: 'open', root: directory.path, access: 'public' }],
    });
    const answer = await httpGet({ port }, '/pulp/repos/open/file.txt');
    assert.equal(answer.body.toString(), expected);
    assert.equal('x-accel-redirect' in answer.headers, expected === '');
  }
});
