import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createPki } from '../support/pki.ts';
import { startPortcullis } from '../support/portcullis.ts';
import { freePort, until } from '../support/processes.ts';

test('openMonitor() tells when the certificate of a listener, and the first of a CA file, end', async () => {
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
  const [metrics, tls] = [await freePort(), await freePort()];
  await using _portcullis = await startPortcullis({
    listen: { tls: { address: `127.0.0.1:${tls}`, certificate: identity, key: identity } },
    monitor: { metrics: { address: `127.0.0.1:${metrics}` } },
    supervision: { heartbeatSeconds: 0.1 },
    distributions: [
      { relativeUrl: 'a', root: pki.directory, access: { certificate: { ca: bundle } } },
    ],
  });
  const told = async (): Promise<readonly string[]> => {
    const page = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    return page.split('\n').filter((line) => line.startsWith('portcullis_certificate_expiry'));
  };
  await until('a worker has told of both', async () => (await told()).length === 2, 30_000);
  const name = 'portcullis_certificate_expiry_timestamp_seconds';
  assert.deepEqual((await told()).toSorted(), [
    `${name}{certificate="${bundle}"} ${Date.UTC(2040, 0) / 1000}`,
    `${name}{certificate="listen.tls.certificate"} ${Date.UTC(2045, 0) / 1000}`,
  ]);
});
