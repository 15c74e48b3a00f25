import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needsRoot } from '../support/needs.ts';
import { dnfInstall } from './dnf.ts';
import type { Identity } from './downloaders.ts';
import { builtIn, type Front, nginxOverHttp, nginxOverUwsgi } from './fronts.ts';
import { createSite, needsForSite, packageName, type Site } from './site.ts';

const skip = needsForSite('dnf', 'rpm', 'nginx') || needsRoot();

/** What dnf installs: the package, and the one that it requires. */
const installed = [packageName, `${packageName}-data`];

describe('dnf', { skip }, () => {
  let site: Site;
  before(async () => {
    site = await createSite();
  });
  after(() => site[Symbol.dispose]());

  const fronts = [
    ['nginx, uwsgi and X-Accel-Redirect', nginxOverUwsgi],
    ['nginx, HTTP with keep-alive and X-Accel-Redirect', nginxOverHttp],
    ['the built-in listener, streaming', builtIn],
  ] as const;
  for (const [name, start] of fronts) {
    describe(`dnf through ${name}`, () => {
      let front: Front;
      before(async () => {
        front = await start(site);
      });
      after(() => front[Symbol.asyncDispose]());

      const install = (identity: Identity, relativeUrl = 'acme/el9') =>
        dnfInstall(site, `${front.url}/pulp/repos/${relativeUrl}/`, identity, packageName);

      it('dnf installs with a client certificate', async () => {
        const result = await install({ certificate: site.clients.entitled });
        assert.deepEqual(result.installed, installed, result.stderr);
      });

      it('dnf installs with a user name and password', async () => {
        const result = await install({ login: site });
        assert.deepEqual(result.installed, installed, result.stderr);
      });

      it('dnf installs nothing without a credential, and shows the status', async () => {
        assertRefused(await install({}), 401);
      });

      it('dnf installs nothing with a wrong password, and shows the status', async () => {
        assertRefused(await install({ login: { user: site.user, password: 'wrong' } }), 401);
      });

      it("dnf installs nothing with another CA's certificate, and shows the status", async () => {
        assertRefused(await install({ certificate: site.clients.stranger }), 401);
      });

      it('dnf installs nothing from another repository, and shows the status', async () => {
        assertRefused(await install({ certificate: site.clients.entitled }, 'other/el9'), 403);
      });
    });
  }
});

function assertRefused(
  result: {
    readonly code: number | null;
    readonly stderr: string;
    readonly installed: readonly string[];
  },
  status: number,
): void {
  assert.equal(result.code, 1);
  assert.match(result.stderr, new RegExp(`Status code: ${status} for https://localhost`));
  assert.deepEqual(result.installed, []);
}
