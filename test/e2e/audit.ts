/** The decision log and the downloads of several real workers, on any store. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { searchDecisions } from '../../src/audit/search.ts';
import { reportUsage } from '../../src/audit/usage-report.ts';
import { createControlPlane } from '../../src/work/control-plane.ts';
import type { StoreContract, StoreHost } from '../contracts/store-fixture.ts';
import { administer, configurationIn, controlPlaneDirectory } from '../support/administered.ts';
import { writeTree } from '../support/application.ts';
import { startPortcullis } from '../support/portcullis.ts';
import { until } from '../support/processes.ts';
import { getVariables, uwsgiRequest } from '../support/uwsgi-client.ts';

const requests = 60;

export function testAuditOfWorkers(contract: StoreContract): void {
  describe(`the audit of several workers by ${contract.name}`, { skip: contract.skip }, () => {
    let host: StoreHost;
    before(async () => {
      host = await contract.host();
    });
    after(() => host[Symbol.asyncDispose]());

    it('every decision and every download of all workers is kept, whatever reloads and ends them', async () => {
      using directory = controlPlaneDirectory();
      writeTree(directory.file('root'), { 'file.txt': 'content' });
      const settings = host.settings();
      const store =
        settings.type === 'sqlite' ? { file: settings.file } : { mongodbUrl: settings.url };
      const socket = directory.file('uwsgi.sock');
      const written = {
        ...{ workers: 2, roles: ['content'], audit: { inStore: true }, store },
        listen: { uwsgi: { address: `unix:${socket}` } },
        distributions: [{ relativeUrl: 'd', root: directory.file('root'), access: 'public' }],
      };
      const configuration = await configurationIn(directory, written);
      await administer(configuration);
      {
        await using portcullis = await startPortcullis(written);
        for (let index = 0; index < requests; index += 1) {
          const target = `/pulp/repos/d/${index % 3 === 0 ? 'missing' : 'file.txt'}`;
          const variables = getVariables(target, [['REQUEST_ID', `request-${index}`]]);
          const { status } = await uwsgiRequest({ path: socket }, variables);
          assert.equal(status, index % 3 === 0 ? 404 : 200);
          if (index === requests / 2) portcullis.child.kill('SIGHUP');
        }
        const isReloaded = () => portcullis.log().some(({ message }) => message === 'reload done');
        await until('the workers are others', isReloaded, 60_000);
        assert.equal(
          portcullis.log().some(({ losses }) => losses !== undefined),
          false,
        );
      }
      await using controlPlane = createControlPlane(configuration, 'read');
      const opened = await controlPlane.store();
      const { entries, lost } = await searchDecisions(opened, {});
      const ids = new Set(entries.map(({ requestId }) => requestId));
      assert.deepEqual([entries.length, ids.size, lost], [requests, requests, 0]);
      const end = new Date();
      const from = new Date(end.getTime() - 3_600_000);
      const usage = await reportUsage(opened, { unit: 'hour', from, until: end, by: [] });
      const downloads = (requests * 2) / 3;
      assert.deepEqual(
        usage.map((row) => [row.downloads, row.bytes]),
        [[downloads, downloads * 7]],
      );
    });
  });
}
