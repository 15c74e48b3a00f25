import assert from 'node:assert/strict';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { portcullis } from '../cli/program.ts';
import { listToPem, makeList } from '../revocation/list-maker.ts';
import { administer, configurationIn, controlPlaneDirectory } from '../support/administered.ts';
import { createPki } from '../support/pki.ts';
import { startPortcullis } from '../support/portcullis.ts';
import { freePort, until } from '../support/processes.ts';

test('openMonitor() tells when the certificate of a listener, the first of a CA file, and a revocation list end', async () => {
  using pki = createPki();
  const notAfter = (year: number) => ({ notAfter: new Date(Date.UTC(year, 0)) });
  const early = await pki.authority(notAfter(2040));
  const late = await pki.authority(notAfter(2050));
  const bundle = pki.write('bundle.pem', late.certificate, early.certificate);
  const server = await pki.server(undefined, notAfter(2045));
  const identity = pki.write(
    'server.pem',
    readFileSync(server.keyPath, 'utf8'),
    server.certificate,
  );
  const dates = [new Date(Date.UTC(2026, 0)), new Date(Date.UTC(2039, 0))] as const;
  const list = await makeList(early, { thisUpdate: dates[0], nextUpdate: dates[1] });
  const crl = pki.write('early.crl', listToPem(list));
  const [metrics, tls] = [await freePort(), await freePort()];
  await using _portcullis = await startPortcullis({
    listen: { tls: { address: `127.0.0.1:${tls}`, certificate: identity, key: identity } },
    monitor: { metrics: { address: `127.0.0.1:${metrics}` } },
    supervision: { heartbeatSeconds: 0.1 },
    distributions: [
      { relativeUrl: 'a', root: pki.directory, access: { certificate: { ca: bundle, crl } } },
    ],
  });
  const told = async (): Promise<readonly string[]> => {
    const page = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    return page.split('\n').filter((line) => /^portcullis_(?:certificate|revocation)_/.test(line));
  };
  await until('a worker has told of all', async () => (await told()).length === 5, 30_000);
  const name = 'portcullis_certificate_expiry_timestamp_seconds';
  assert.deepEqual((await told()).toSorted(), [
    `${name}{certificate="${bundle}"} ${Date.UTC(2040, 0) / 1000}`,
    `${name}{certificate="listen.tls.certificate"} ${Date.UTC(2045, 0) / 1000}`,
    'portcullis_revocation_bound_seconds{pool="main"} 5',
    ...['next', 'this'].map((which) => {
      const label = `{authority="O=Acme,CN=authority"}`;
      const [issued, due] = dates.map((date) => date.getTime() / 1000);
      const value = which === 'this' ? issued : due;
      return `portcullis_revocation_list_${which}_update_timestamp_seconds${label} ${value}`;
    }),
  ]);
});

test('openMonitor() tells of a store that is away, and that it is back, and is ready all the while (T96)', async () => {
  using directory = controlPlaneDirectory();
  const { file } = directory.settings.store;
  const metrics = await freePort();
  const stats = `unix:${directory.file('stats.sock')}`;
  const text = {
    ...directory.settings,
    listen: { uwsgi: { address: `unix:${directory.file('uwsgi.sock')}` } },
    pools: {
      api: { roles: ['api'], listen: { uwsgi: { address: `unix:${directory.file('a')}` } } },
    },
    monitor: { metrics: { address: `127.0.0.1:${metrics}` }, stats: { address: stats } },
    supervision: { heartbeatSeconds: 0.1 },
    distributions: [{ relativeUrl: 'd', root: directory.path, access: 'public' }],
  };
  await administer(await configurationIn(directory, text));
  renameSync(file, directory.file('away'));
  writeFileSync(file, 'text of some length, and no database whatever its name is');
  chmodSync(file, 0o600);
  await using _portcullis = await startPortcullis(text);
  const ask = (path: string) => fetch(`http://127.0.0.1:${metrics}${path}`);
  const told = async (): Promise<readonly string[]> =>
    (await (await ask('/metrics')).text()).split('\n').filter((line) => /^\w+_store_/.test(line));
  const tells = async (line: string): Promise<boolean> => (await told()).includes(line);
  // Content asks it as well, for what repositories publish.
  const pools = ['api', 'main'];
  const areAll = async (up: 0 | 1): Promise<boolean> => {
    const each = pools.map((pool) => tells(`portcullis_store_up{pool="${pool}"} ${up}`));
    return !(await Promise.all(each)).includes(false);
  };
  await until('they tell', () => areAll(0), 30_000);
  assert.equal((await told()).length, pools.length);
  assert.equal((await ask('/readyz')).status, 200);
  const shown = await portcullis(['status', '--address', stats]);
  assert.equal(shown.code, 0);
  assert.match(shown.out, /^Store: does not answer (?:api, main|main, api)$/m);
  renameSync(directory.file('away'), file);
  await until('they tell the end', () => areAll(1), 30_000);
  assert.doesNotMatch((await portcullis(['status', '--address', stats])).out, /^Store:/m);
});
