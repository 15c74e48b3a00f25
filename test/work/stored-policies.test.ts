/** A worker that serves by policies of the store, which others change meanwhile. */

import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { peopleCollections } from '../../src/api/people/documents.ts';
import { sessionCollections } from '../../src/api/people/sessions.ts';
import { deniedCertificateCollections } from '../../src/people/denied-certificates.ts';
import { policyCollections } from '../../src/policies/documents.ts';
import { StoredPolicies } from '../../src/policies/stored-policies.ts';
import { openStore } from '../../src/stores/open.ts';
import { startApplication, type TestApplication, writeTree } from '../support/application.ts';
import { createPki } from '../support/pki.ts';
import { until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const plugins = path.join(import.meta.dirname, '../fixtures/plugins');

interface Site extends AsyncDisposable {
  readonly application: TestApplication;
  setAccess(distribution: string, access: unknown): Promise<void>;
  becomes(distribution: string, status: number, more?: Record<string, string>): Promise<void>;
}

async function start(configuration: object = {}): Promise<Site> {
  const stack = new AsyncDisposableStack();
  const directory = stack.use(temporaryDirectory());
  const root = directory.file('root');
  writeTree(root, { 'a.txt': 'a' });
  const file = directory.file('store.db');
  const collections = [
    ...policyCollections,
    ...deniedCertificateCollections,
    ...peopleCollections,
    ...sessionCollections,
  ];
  const store = stack.use(
    await openStore({ settings: { type: 'sqlite', file }, access: 'write', collections }),
  );
  // It is made by its first use.
  await store.ping();
  const stored = new StoredPolicies(store, () => new Date());
  const application = stack.use(
    await startApplication({
      store: { file },
      distributions: [
        { relativeUrl: 'stored', root },
        { relativeUrl: 'other', root },
        { relativeUrl: 'fixed', root, access: { not: 'public' } },
      ],
      ...configuration,
    }),
  );
  return {
    application,
    setAccess: async (distribution, access) => {
      const tree = JSON.stringify({ access });
      await stored.setAccess(distribution, { tree, uses: [], by: 'ann' });
    },
    becomes: async (distribution, status, more = {}) =>
      until(`${distribution} answers ${status}`, async () => {
        const answer = await application.get(
          `/pulp/repos/${distribution}/a.txt`,
          Object.entries(more),
        );
        return answer.status === status;
      }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe('policies of the store', () => {
  test('T67 access is given and taken without a restart, and what the configuration says stays', async () => {
    await using site = await start();
    await site.becomes('stored', 403);
    await site.setAccess('stored', 'public');
    await site.setAccess('fixed', 'public');
    await site.becomes('stored', 200);
    await site.becomes('fixed', 403);
    await site.becomes('other', 403);
    await site.setAccess('stored', { not: 'public' });
    await site.becomes('stored', 403);
  });

  test('T67 an allow that is remembered ends with the policy that it was given by', async () => {
    await using pki = new DisposableStack();
    const keys = pki.use(createPki());
    const root = await keys.authority();
    const client = await keys.client(root);
    const stranger = await keys.authority({ subject: '/CN=stranger' });
    await using site = await start({ access: { rememberSeconds: 3600 } });
    const more = { SSL_CLIENT_CERT: client.certificate, HTTPS: 'on' };
    await site.setAccess('stored', { certificate: { caPem: root.certificate } });
    await site.becomes('stored', 200, more);
    await site.setAccess('stored', { certificate: { caPem: stranger.certificate } });
    await site.becomes('stored', 403, more);
  });

  test('T59 rules that name files or addresses let nobody in, whoever wrote them into the store', async () => {
    await using site = await start();
    await site.setAccess('stored', { any: ['public', { password: { file: '/etc/passwd' } }] });
    await site.becomes('stored', 503);
    await site.setAccess('stored', 'nothing');
    await site.becomes('stored', 503);
    const explanation = await site.application.explain({ target: '/pulp/repos/stored/a.txt' });
    assert.match(JSON.stringify(explanation), /there is no rule \\"nothing\\"/);
  });

  test('T59 a plugin without a word on the store lets nobody in there, but by a name', async () => {
    await using site = await start({
      plugins: [path.join(plugins, 'good.ts')],
      policies: { mine: 'good' },
    });
    await site.setAccess('stored', { not: 'good' });
    await site.becomes('stored', 503);
    await site.setAccess('other', { any: [{ policy: 'mine' }, 'public'] });
    await site.becomes('other', 200);
  });
});
