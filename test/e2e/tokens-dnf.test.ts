/** dnf with a token of a customer, as a password and in the path, through nginx. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { TokenTerms } from '../../src/tokens/token.ts';
import { Tokens } from '../../src/tokens/tokens.ts';
import { startNginx } from '../support/nginx.ts';
import { type Portcullis, startPortcullis } from '../support/portcullis.ts';
import { freePort } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { openTokenStore, terms } from '../tokens/token-fixture.ts';
import { dnfInstall } from './dnf.ts';
import { renderNginx } from './fronts.ts';
import { createSite, needsForSite, packageName, type Site } from './site.ts';

const installed = [packageName, `${packageName}-data`];

describe('dnf with tokens of customers', { skip: needsForSite('dnf', 'nginx') }, () => {
  const stack = new AsyncDisposableStack();
  let site: Site;
  let portcullis: Portcullis;
  let operator: Tokens;
  let base: string;

  before(async () => {
    site = stack.use(await createSite());
    const directory = stack.use(temporaryDirectory());
    const file = directory.file('store.db');
    const store = stack.use(await openTokenStore({ type: 'sqlite', file }));
    operator = new Tokens(store, () => new Date());
    await create({});
    const port = await freePort();
    const { certificatePath: certificate, keyPath: key } = site.server;
    portcullis = stack.use(
      await startPortcullis({
        store: { file },
        listen: {
          uwsgi: { address: `unix:${directory.file('p.sock')}`, handOff: 'x-accel-redirect' },
        },
        nginx: {
          listen: [`127.0.0.1:${port}`],
          ...{ certificate, key, refusalLog: directory.file('refusals.log') },
        },
        distributions: [
          { relativeUrl: 'acme/el9', root: site.root, access: { token: { inPath: true } } },
        ],
      }),
    );
    stack.use(await startNginx(await renderNginx(portcullis)));
    base = `https://localhost:${port}/pulp/repos/acme/el9/`;
  });
  after(() => stack.disposeAsync());

  async function create(some: Partial<TokenTerms>) {
    const made = await operator.create(terms(some), 'admin');
    assert.ok(made.outcome === 'created');
    return { id: made.token._id, secret: made.secret };
  }

  it('dnf installs with a token as its password, within its limits', async () => {
    const { id, secret } = await create({ downloadsMax: 50 });
    const login = { user: 'token', password: secret };
    const result = await dnfInstall(site, base, { login }, packageName);
    assert.deepEqual(result.installed, installed, result.stderr.toString());
    const { counts } = (await operator.byId(id)) ?? {};
    assert.ok((counts?.downloads ?? 0) >= 3 && (counts?.downloads ?? 0) <= 50);
  });

  it('T62 dnf installs with a token in its base URL, which is in no log of ours', async () => {
    const { secret } = await create({ paths: ['acme/el9'] });
    const result = await dnfInstall(site, `${base}${secret}/`, {}, packageName);
    assert.deepEqual(result.installed, installed, result.stderr.toString());
    assert.equal(JSON.stringify(portcullis.log()).includes(secret.slice(4)), false);
  });

  it('dnf gets nothing with a token that is used up', async () => {
    const { secret } = await create({ downloadsMax: 1 });
    const result = await dnfInstall(site, `${base}${secret}/`, {}, packageName);
    assert.deepEqual(result.installed, []);
  });
});
