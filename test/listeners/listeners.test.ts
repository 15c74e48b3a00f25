import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decisionOutcomes, requestOutcomes } from '../../src/metrics/labels.ts';
import { readSnapshot } from '../../src/metrics/snapshot.ts';
import { startApplication, writeTree } from '../support/application.ts';
import { httpGet } from '../support/http-client.ts';
import { createPki } from '../support/pki.ts';
import { freePort, until } from '../support/processes.ts';
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

/** A rule that answers when it is told to stop, and never before. */
const patientRule = `
  globalThis.stopped = [];
  export const plugin = {
    apiVersion: 1,
    name: 'patient',
    parseOptions: () => ({}),
    create: () => ({
      authorize: (request, signal) => new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          globalThis.stopped.push(signal.reason.name);
          resolve({ outcome: 'allow' });
        });
      }),
    }),
  };
`;

test('T60 createListeners() ends a request whose rule does not answer in time with 504, and tells the rule', async () => {
  using directory = temporaryDirectory();
  writeTree(directory.path, { 'patient.mjs': patientRule, 'root/file.txt': 'secret\n' });
  await using application = await startApplication({
    plugins: [directory.file('patient.mjs')],
    access: { timeLimitSeconds: 60 },
    limits: { requestSeconds: 0.3 },
    distributions: [
      { relativeUrl: 'slow', root: directory.file('root'), access: { patient: {} } },
      { relativeUrl: 'open', root: directory.file('root'), access: 'public' },
    ],
  });
  const [slow, open] = await Promise.all([
    application.get('/pulp/repos/slow/file.txt?token=canary', [['REQUEST_ID', 'abc']]),
    application.get('/pulp/repos/open/file.txt'),
  ]);
  assert.equal(open.body.toString(), 'secret\n');
  assert.deepEqual(
    [slow.status, slow.body.toString()],
    [504, '504 Gateway Timeout\nRequest id: abc\n'],
  );
  const isDecided = () => application.log.some(({ code }) => code === 'REQUEST_OVERDUE');
  await until('the decision is logged', isDecided);
  assert.deepEqual((globalThis as { stopped?: unknown }).stopped, ['TimeoutError']);
  const lines = application.log.filter(({ requestId }) => requestId === 'abc');
  assert.deepEqual(
    lines.map(({ message, path }) => [message, path]),
    [
      ['A request was ended for its time limit', '/pulp/repos/slow/file.txt'],
      ['request', '/pulp/repos/slow/file.txt'],
    ],
  );
  assert.doesNotMatch(JSON.stringify(application.log), /canary/);
});

test('createApplication() reports requests by how they ended, and rules by what they said', async () => {
  using directory = temporaryDirectory();
  writeTree(directory.path, { 'file.txt': 'the content\n' });
  await using running = await startApplication({
    distributions: [
      { relativeUrl: 'open', root: directory.path, access: 'public' },
      { relativeUrl: 'closed', root: directory.path, access: { not: 'public' } },
    ],
  });
  for (const name of ['open', 'open', 'closed']) await running.get(`/pulp/repos/${name}/file.txt`);
  await until('all are counted', () => running.application.report().requests === 3);
  const { requestsInFlight, exceptions, bytesSent, metrics } = running.application.report();
  const { roles, decisions } = readSnapshot(metrics);
  const count = (outcome: (typeof requestOutcomes)[number]) =>
    roles.content?.outcomes[requestOutcomes.indexOf(outcome)];
  assert.deepEqual([count('ok'), count('deny'), requestsInFlight, exceptions], [2, 1, 0, 0]);
  assert.ok(bytesSent > 300);
  assert.equal(decisions[decisionOutcomes.indexOf('allow') * 2], 3);
});

test('createApplication() reports when the certificate of its TLS listener expires', async () => {
  using pki = createPki();
  const { certificatePath, keyPath } = await pki.server(undefined);
  const port = await freePort();
  const tls = { address: `127.0.0.1:${port}`, certificate: certificatePath, key: keyPath };
  await using running = await startApplication({ listen: { tls } });
  const { certificates } = readSnapshot(running.application.report().metrics).gauges;
  assert.deepEqual(
    certificates.map(({ name, expiresAt }) => [name, expiresAt > Date.now() / 1000]),
    [['listen.tls.certificate', true]],
  );
});
