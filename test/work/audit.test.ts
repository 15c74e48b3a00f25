import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { findDecision, searchDecisions } from '../../src/audit/search.ts';
import { findSeenCertificate } from '../../src/audit/seen-certificates.ts';
import { reportUsage } from '../../src/audit/usage-report.ts';
import type { Configuration } from '../../src/config/configuration.ts';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import type { Store } from '../../src/stores/store.ts';
import { createControlPlane } from '../../src/work/control-plane.ts';
import {
  administer,
  asAdministrator,
  type ControlPlaneDirectory,
  configurationIn,
  controlPlaneDirectory,
} from '../support/administered.ts';
import { basic } from '../support/application.ts';
import { createPki } from '../support/pki.ts';
import { until } from '../support/processes.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { type RunningWork, runWork, written } from './running-work.ts';

const secrets = {
  password: 'canary-password',
  bearer: 'canary-bearer-token',
  query: 'canary-query-signature',
  pathToken: `pct_${'A'.repeat(38)}`,
} as const;

/** With an htpasswd user, a certificate rule and a rule that takes tokens in the path. */
async function site(directory: ControlPlaneDirectory, ca: string): Promise<object> {
  writeFileSync(directory.file('users'), `alice:${await hashPassword(secrets.password)}\n`);
  const base = written(directory, { roles: ['content', 'api'], audit: { inStore: true } });
  const root = directory.file('root');
  const access = {
    any: [{ certificate: { ca } }, { password: { file: 'users', overPlainHttp: true } }],
  };
  const distributions = [
    { relativeUrl: 'd', root, access: 'public' },
    { relativeUrl: 'guarded', root, access },
  ];
  const address = `unix:${directory.file('uwsgi.sock')}`;
  const listen = { uwsgi: { address, handOff: 'x-accel-redirect' } };
  return { ...base, listen, distributions };
}

async function withStore(
  configuration: Configuration,
  look: (store: Store) => Promise<void>,
): Promise<void> {
  await using controlPlane = createControlPlane(configuration, 'read');
  await look(await controlPlane.store());
}

/** The log, and each request of it explained, as soon as all of them are kept. */
async function answersOfApi(running: RunningWork, count: number): Promise<string> {
  const authorization = asAdministrator;
  let log = '';
  await until('the decisions are kept', async () => {
    const answer = await running.call('GET', '/pulp/api/v2/access/log/', { authorization });
    log = answer.body.toString();
    return JSON.parse(log).entries.length === count;
  });
  const explained: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const body = JSON.stringify({ request_id: `canary-${index}` });
    const target = '/pulp/api/v2/access/explain/';
    const answer = await running.call('POST', target, { authorization, body });
    assert.equal(answer.status, 200, answer.body.toString());
    explained.push(answer.body.toString());
  }
  return [log, ...explained].join('\n');
}

describe('the decision log in the store', () => {
  it('a worker for content keeps its decisions, its downloads and the certificates that came', async () => {
    using directory = controlPlaneDirectory();
    using pki = createPki();
    const ca = await pki.authority();
    const client = await pki.client(ca, { subject: '/CN=one' });
    const text = await site(directory, ca.certificatePath);
    const configuration = await configurationIn(directory, text);
    await administer(configuration);
    await using running = await runWork(directory, text);
    const ask = (target: string, ...more: readonly (readonly [string, string])[]) =>
      uwsgiRequest({ path: directory.file('uwsgi.sock') }, getVariables(target, more));
    const file = '/pulp/repos/guarded/file.txt';
    const byCertificate = [['SSL_CLIENT_CERT', client.certificate]] as const;
    assert.equal((await ask(file, ...byCertificate, ['REQUEST_ID', 'by-certificate'])).status, 200);
    const byPassword = [['HTTP_AUTHORIZATION', basic('alice', secrets.password)]] as const;
    assert.equal((await ask(file, ...byPassword, ['REQUEST_ID', 'by-password'])).status, 200);
    assert.equal((await ask(`${file}?${secrets.query}`, ['REQUEST_ID', 'denied'])).status, 401);
    assert.equal(
      (await ask(file, ...byCertificate, ['HTTP_RANGE', 'bytes=0-2'], ['REQUEST_ID', 'again']))
        .status,
      200,
    );
    await running.application.close();
    await withStore(configuration, async (store) => {
      const { entries } = await searchDecisions(store, { pathPrefix: '/pulp/repos/guarded' });
      assert.deepEqual(
        new Set(entries.map(({ requestId }) => requestId)),
        new Set(['by-certificate', 'by-password', 'denied', 'again']),
      );
      const denied = await findDecision(store, 'denied');
      assert.deepEqual(
        [denied?.outcome, denied?.status, denied?.unlogged],
        ['deny', 401, ['query']],
      );
      const allowed = await findDecision(store, 'by-certificate');
      const again = await findDecision(store, 'again');
      assert.deepEqual([allowed?.remembered, again?.remembered], [undefined, true]);
      assert.deepEqual([again?.delivery, again?.bytes, again?.handedOver], ['handed-off', 0, 3]);
      const fingerprint = allowed?.certificate?.replace('sha256:', '') ?? '';
      assert.equal(allowed?.principal, `certificate:${fingerprint}`);
      assert.match((await findSeenCertificate(store, fingerprint)) ?? '', /BEGIN CERTIFICATE/);
      const now = new Date();
      const range = { from: new Date(now.getTime() - 86_400_000), until: now };
      const usage = await reportUsage(store, { unit: 'day', ...range, by: ['principal'] });
      assert.deepEqual(
        new Set(
          usage.map(({ principal, downloads, bytes }) => `${principal} ${downloads} ${bytes}`),
        ),
        new Set([`certificate:${fingerprint} 2 10`, 'basic:alice 1 7']),
      );
    });
  });

  it('T92 no secret that a client sends is in the log, the store or the API, and no certificate in the log and the API', async () => {
    using directory = controlPlaneDirectory();
    using pki = createPki();
    const ca = await pki.authority();
    const client = await pki.client(ca, { subject: '/CN=one' });
    const text = await site(directory, ca.certificatePath);
    await administer(await configurationIn(directory, text));
    await using running = await runWork(directory, text);
    const socket = { path: directory.file('uwsgi.sock') };
    const file = '/pulp/repos/guarded/file.txt';
    const requests: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
      [file, [['HTTP_AUTHORIZATION', basic('alice', secrets.password)]]],
      [file, [['HTTP_AUTHORIZATION', basic('alice', `${secrets.password}-wrong`)]]],
      [file, [['HTTP_AUTHORIZATION', basic(secrets.pathToken, '')]]],
      [file, [['HTTP_AUTHORIZATION', `Bearer ${secrets.bearer}`]]],
      [file, [['HTTP_COOKIE', `session=${secrets.bearer}`]]],
      [`${file}?signature=${secrets.query}`, []],
      [`/pulp/repos/guarded/${secrets.pathToken}/file.txt`, []],
      [`/pulp/repos//${secrets.pathToken}/file.txt?${secrets.query}`, []],
      [file, [['SSL_CLIENT_CERT', client.certificate]]],
      [file, [['SSL_CLIENT_CERT', client.certificate + client.key]]],
    ];
    for (const [index, [target, more]] of requests.entries()) {
      await uwsgiRequest(
        socket,
        getVariables(target, [...more, ['REQUEST_ID', `canary-${index}`]]),
      );
    }
    const answers = await answersOfApi(running, requests.length);
    const lines = JSON.stringify(running.log);
    await running.application.close();
    const kept = ['', '-wal'].flatMap((end) => {
      const name = `${directory.settings.store.file}${end}`;
      try {
        return readFileSync(name, 'latin1');
      } catch {
        return [];
      }
    });
    assert.ok(kept.length > 0);
    const keyLine = client.key.split('\n')[1] ?? '';
    const needles = [...Object.values(secrets), keyLine];
    for (const needle of needles) {
      assert.equal(lines.includes(needle), false, `${needle} is in the log`);
      assert.equal(answers.includes(needle), false, `${needle} is in an answer of the API`);
      assert.equal(
        kept.some((text) => text.includes(needle)),
        false,
        `${needle} is in the store`,
      );
    }
    const certificateLine = client.certificate.split('\n')[1] ?? '';
    for (const text of [lines, answers]) assert.equal(text.includes(certificateLine), false);
    assert.match(lines, /sha256:[0-9a-f]{64}/);
  });
});
