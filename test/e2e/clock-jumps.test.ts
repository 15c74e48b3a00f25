/** Wall clocks that jump under running workers: nothing is let in by it, nothing ends by it for good. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readUrlKeys } from '../../src/identity/signed-urls/keys.ts';
import { signUrl } from '../../src/identity/signed-urls/sign.ts';
import { writeUrlKeys } from '../identity/signed-urls/url-fixture.ts';
import { makeList } from '../revocation/list-maker.ts';
import { replaceFile } from '../revocation/rule-fixture.ts';
import { writeTree } from '../support/application.ts';
import { version3 } from '../support/entitlement-extensions.ts';
import { createPki, daysFrom } from '../support/pki.ts';
import { until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';
import { withClock } from './jumping-clock.ts';
import { type Instance, patienceMs, startInstance } from './pool.ts';

const workers = 2;
const dayMs = 86_400_000;

describe('a wall clock that jumps', () => {
  const stack = new AsyncDisposableStack();
  let instance: Instance;
  let jump: (milliseconds: number) => void;
  let statuses: () => Promise<Readonly<Record<string, number>>>;
  before(async () => {
    const directory = stack.use(temporaryDirectory());
    const pki = stack.use(createPki());
    writeTree(directory.file('root'), { file: 'content' });
    jump = (milliseconds) => replaceFile(directory.file('offset'), String(milliseconds));
    jump(0);
    const now = new Date();
    const halfADay = { notBefore: daysFrom(now, -0.5), notAfter: daysFrom(now, 0.5) };
    const tenDays = { notBefore: daysFrom(now, -10), notAfter: daysFrom(now, 10) };
    const ca = await pki.authority({ ...tenDays, subject: '/CN=root' });
    const extensions = version3('/entitlement');
    const shown: Readonly<Record<string, string>> = {
      certificate: (await pki.client(ca, halfADay)).certificate,
      entitlement: (await pki.client(ca, { ...halfADay, extensions })).certificate,
      list: (await pki.client(ca, tenDays)).certificate,
    };
    const crl = directory.file('list.crl');
    replaceFile(crl, await makeList(ca, { nextUpdate: daysFrom(now, 0.5) }));
    const keys = writeUrlKeys(directory);
    const policies = {
      certificate: { certificate: { ca: ca.certificatePath } },
      entitlement: { entitlement: { ca: ca.certificatePath } },
      list: { certificate: { ca: ca.certificatePath, crl } },
      url: { 'signed-url': { keys } },
    };
    const socket = directory.file('uwsgi.sock');
    instance = stack.use(
      startInstance(
        directory,
        {
          workers,
          listen: { uwsgi: { address: `unix:${socket}` } },
          // What is remembered goes by another clock, and ends soon.
          access: { rememberSeconds: 1 },
          distributions: Object.entries(policies).map(([relativeUrl, access]) => ({
            ...{ relativeUrl, access },
            root: directory.file('root'),
          })),
        },
        { spawn: { env: withClock(directory.file('offset')) } },
      ),
    );
    await instance.whole(workers);
    const request = { url: '/pulp/repos/url/file', method: 'GET', below: false } as const;
    const expires = new Date(now.getTime() + dayMs / 2);
    const url = signUrl(
      { ...request, from: now, expires, key: undefined, address: undefined },
      await readUrlKeys(keys),
    );
    statuses = async () => {
      const found: Record<string, number> = {};
      for (const name of Object.keys(policies)) {
        const certificate = shown[name];
        const variables = getVariables(name === 'url' ? url : `/pulp/repos/${name}/file`, [
          ['HTTPS', 'on'],
          ...(certificate === undefined ? [] : [['SSL_CLIENT_CERT', certificate] as const]),
        ]);
        found[name] = (await uwsgiRequest({ path: socket }, variables)).status;
      }
      return found;
    };
  });
  after(() => stack.disposeAsync());

  /** Waits until these are the statuses, as often in a row as there are workers to ask. */
  async function become(expected: Readonly<Record<string, number>>): Promise<void> {
    let found: Readonly<Record<string, number>> = {};
    let times = 0;
    const isSo = async (): Promise<boolean> => {
      found = await statuses();
      times = JSON.stringify(found) === JSON.stringify(expected) ? times + 1 : 0;
      return times >= 2 * workers;
    };
    await until(`statuses ${JSON.stringify(expected)}`, isSo, patienceMs).catch((error) => {
      throw new Error(`they are ${JSON.stringify(found)}`, { cause: error });
    });
  }

  const allowed = { certificate: 200, entitlement: 200, list: 200, url: 200 };

  it('T97 a day ahead, what is over lets nobody in; back, everything is as before', async () => {
    const before = (await instance.status()).workers.map(({ pid }) => pid);
    await become(allowed);
    jump(dayMs);
    await become({ certificate: 403, entitlement: 403, list: 503, url: 403 });
    jump(0);
    await become(allowed);
    const after = (await instance.status()).workers.map(({ pid }) => pid);
    assert.deepEqual(after, before, 'no worker was taken for stuck, or too old');
  });

  it('T97 a day back, what has not begun lets nobody in, and what is remembered ends in time', async () => {
    await become(allowed);
    jump(-dayMs);
    await become({ certificate: 403, entitlement: 403, list: 200, url: 403 });
    jump(0);
    await become(allowed);
    assert.equal(instance.child.exitCode, null);
  });
});
