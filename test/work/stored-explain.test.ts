import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createExplainer } from '../../src/explainer.ts';
import { createLogger } from '../../src/log.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { writeTree } from '../support/application.ts';
import { configurationOf, openStoredPeople } from '../support/stored-people.ts';
import { temporaryDirectory } from '../support/temporary.ts';

describe('createExplainer', () => {
  it('createExplainer says why a user of the store, or a session, is let in or not', async () => {
    await using host = await sqliteHost();
    await using stored = await openStoredPeople(host.settings());
    using directory = temporaryDirectory();
    writeTree(directory.path, { 'file.txt': 'content' });
    const ann = await stored.addUser('ann', 'one', ['staff']);
    const { certificate, serial } = await stored.login(ann);
    const access = {
      any: [{ session: { roles: ['staff'] } }, { password: { roles: ['guests'] } }],
    };
    const configuration = await configurationOf({
      ...stored.settings,
      distributions: [{ relativeUrl: 'd', root: directory.path, access }],
    });
    const log = createLogger({ level: 'error', write: (line) => process.stderr.write(line) });
    await using explainer = await createExplainer(configuration, { log });
    const target = '/pulp/repos/d/file.txt';
    const allowed = await explainer.explain({ target, certificatePem: certificate });
    assert.deepEqual(allowed.principal, { kind: 'user', name: 'ann' });
    assert.equal(allowed.status, 200);
    await stored.people.sessions.close(serial);
    // Nothing is remembered: it is seen as soon as the store is asked again.
    await using later = await createExplainer(configuration, { log });
    const refused = await later.explain({
      ...{ target, certificatePem: certificate },
      ...{ user: 'ann', password: 'one' },
    });
    assert.equal(refused.status, 401);
    assert.deepEqual(
      refused.tree?.children.map(({ reason }) => reason),
      [
        'the certificate opens no session here: its session has ended',
        'the rule does not name the user "ann", who is in no role that it names',
      ],
    );
  });
});
