/** What docs/revocation.md promises, with real workers. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { filePollSeconds, inForceWithinSeconds } from '../../src/revocation/limits.ts';
import { obeyedMarginSeconds } from '../../src/revocation/ocsp/limits.ts';
import { type Credential, createPki, type Pki } from '../support/pki.ts';
import { type Portcullis, startPortcullis } from '../support/portcullis.ts';
import { until } from '../support/processes.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { makeList } from './list-maker.ts';
import { startListServer } from './list-server.ts';
import { patience, startResponder } from './ocsp-responder.ts';
import { replaceFile } from './rule-fixture.ts';

const workers = 2;
const refreshSeconds = 5;

interface Installation extends AsyncDisposable {
  readonly pki: Pki;
  readonly root: Credential;
  readonly portcullis: Portcullis;
  ask(credential: Credential): Promise<number>;
}

async function install(
  revocationOf: (pki: Pki, root: Credential) => Promise<object>,
): Promise<Installation> {
  await using stack = new AsyncDisposableStack();
  const pki = stack.use(createPki());
  const root = await pki.authority({ subject: '/CN=root' });
  pki.write('ca.pem', root.certificate);
  mkdirSync(pki.file('content'));
  writeFileSync(pki.file('content/file'), 'content');
  const socket = pki.file('s');
  const certificate = { ca: pki.file('ca.pem'), ...(await revocationOf(pki, root)) };
  const portcullis = stack.use(
    await startPortcullis({
      workers,
      access: { timeLimitSeconds: 60 },
      listen: { uwsgi: { address: `unix:${socket}` } },
      distributions: [{ relativeUrl: 'a', root: pki.file('content'), access: { certificate } }],
    }),
  );
  const owned = stack.move();
  return {
    ...{ pki, root, portcullis },
    ask: async ({ certificate: pem }) => {
      const more = [['HTTPS', 'on'] as const, ['SSL_CLIENT_CERT', pem] as const];
      const variables = getVariables('/pulp/repos/a/file', more);
      return (await uwsgiRequest({ path: socket }, variables)).status;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** All workers remember by then that they let the client in. */
async function letIn({ ask, portcullis }: Installation, client: Credential): Promise<void> {
  await until('each worker has let the client in', async () => {
    assert.equal(await ask(client), 200);
    const seen = portcullis.log().filter(({ outcome }) => outcome === 'allow');
    return new Set(seen.map(({ worker }) => worker)).size === workers;
  });
}

/** Seconds from now until the last time that the client gets in. */
async function lastAllowed({ ask }: Installation, client: Credential, watchedSeconds: number) {
  const start = performance.now();
  let last = 0;
  while (performance.now() - start < watchedSeconds * 1000) {
    const asked = performance.now() - start;
    const status = await ask(client);
    assert.ok(status === 200 || status === 403, String(status));
    if (status === 200) last = asked / 1000;
  }
  return last;
}

describe('the published bound of revocation', () => {
  it('T16 holds for a file that is replaced under running workers', async (context) => {
    await using installation = await install(async (pki, root) => {
      replaceFile(pki.file('list.crl'), await makeList(root, { number: 1n }));
      return { crl: pki.file('list.crl') };
    });
    const { pki, root, ask, portcullis } = installation;
    const client = await pki.client(root, { serial: '0A01' });
    const other = await pki.client(root, { serial: '0A02' });
    await letIn(installation, client);
    const next = await makeList(root, { number: 2n, revoked: [{ serial: '0A01' }] });
    const boundSeconds = filePollSeconds + inForceWithinSeconds;
    replaceFile(pki.file('list.crl'), next);
    const last = await lastAllowed(installation, client, boundSeconds + 1);
    context.diagnostic(`the last request got in after ${last.toFixed(2)} s`);
    assert.ok(last < boundSeconds, `${last} s`);
    assert.equal(await ask(other), 200);
    const denied = portcullis.log().findLast(({ outcome }) => outcome === 'deny');
    assert.match(String(denied?.reason), /serial number a01 is on the revocation list of CN=root/);
    assert.match(String(denied?.reason), /list\.crl, number 2, of .*, the next due /);
  });

  it('T16 holds for a list that a web server has', async (context) => {
    await using server = await startListServer();
    await using installation = await install(async (_, root) => {
      server.publish(await makeList(root, { number: 1n }));
      return { crl: { lists: server.url, refreshSeconds } };
    });
    const { pki, root } = installation;
    const client = await pki.client(root, { serial: '0A01' });
    await letIn(installation, client);
    const next = await makeList(root, { number: 2n, revoked: [{ serial: '0A01' }] });
    const boundSeconds = refreshSeconds + inForceWithinSeconds;
    server.publish(next);
    const last = await lastAllowed(installation, client, boundSeconds + 1);
    context.diagnostic(`the last request got in after ${last.toFixed(2)} s`);
    assert.ok(last < boundSeconds, `${last} s`);
  });

  it('T16 holds for a responder', async (context) => {
    await using stack = new AsyncDisposableStack();
    const answerSeconds = 5;
    let revoke = (): void => {};
    await using installation = await install(async (_, root) => {
      const responder = stack.use(await startResponder(root));
      responder.say({ good: ['0A01'] });
      revoke = () => responder.say({ revoked: [{ serial: '0A01' }] });
      return { ocsp: { responder: responder.url, answerSeconds, ...patience } };
    });
    const client = await installation.pki.client(installation.root, { serial: '0A01' });
    await letIn(installation, client);
    const boundSeconds = answerSeconds + obeyedMarginSeconds;
    revoke();
    const last = await lastAllowed(installation, client, boundSeconds + 1);
    context.diagnostic(`the last request got in after ${last.toFixed(2)} s`);
    assert.ok(last < boundSeconds, `${last} s`);
  });
});
