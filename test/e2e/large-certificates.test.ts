import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Credential } from '../support/pki.ts';
import { until } from '../support/processes.ts';
import { curl } from './downloaders.ts';
import { builtIn, type Front, nginxOverHttp, nginxOverUwsgi } from './fronts.ts';
import { createSite, needsForSite, type Site } from './site.ts';

const skip = needsForSite('curl', 'nginx');

/** A usual v3 entitlement certificate of 2,500 paths has some 17 kB, a v1 one of 185 contents 66 kB. */
const sizes = [20_000, 66_000] as const;

describe('large certificates', { skip }, () => {
  let site: Site;
  const certificates = new Map<number, Credential>();
  before(async () => {
    site = await createSite();
    for (const size of sizes) certificates.set(size, await certificateOf(site, size));
  });
  after(() => site[Symbol.dispose]());

  const fronts = [
    ['nginx over uwsgi', nginxOverUwsgi, 431],
    ['nginx over HTTP', nginxOverHttp, 200],
    ['the built-in listener', builtIn, 200],
  ] as const;
  for (const [name, start, statusOfLargest] of fronts) {
    describe(`large certificates through ${name}`, () => {
      let front: Front;
      before(async () => {
        front = await start(site);
      });
      after(() => front[Symbol.asyncDispose]());

      const ask = (size: number) => {
        const url = `${front.url}/pulp/repos/acme/certificates/repodata/repomd.xml`;
        return curl(site, url, { certificate: certificates.get(size) });
      };

      it('large certificates: one of 20 kB is served', async () => {
        const answer = await ask(20_000);
        assert.equal(answer.status, 200);
        assert.match(answer.body.toString(), /<repomd /);
      });

      it(`large certificates: one of 66 kB gets ${statusOfLargest}`, async () => {
        const answer = await ask(66_000);
        assert.equal(answer.status, statusOfLargest);
        if (statusOfLargest === 200) return assert.match(answer.body.toString(), /<repomd /);
        assert.match(answer.body.toString(), /certificate is too large/);
        const isExplained = () => front.refusalLog().some((line) => line.includes('listen.http'));
        await until('the operator reads what to do', isExplained);
      });
    });
  }
});

/** An entitled client's certificate, padded so that its PEM has at least `size` bytes. */
async function certificateOf(site: Site, size: number): Promise<Credential> {
  const comment = 'x'.repeat(Math.ceil(size * 0.735));
  const credential = await site.pki.client(site.clientCa, { extensions: { nsComment: comment } });
  assert.ok(credential.certificate.length >= size, `${credential.certificate.length} bytes`);
  return credential;
}
