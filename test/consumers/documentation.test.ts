import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { consumerCertificateSecondsDefault } from '../../src/api/consumers/consumer-parts.ts';
import {
  bindingsMax,
  certificatesMax,
  consumerIdCharactersMax,
  eventsMax,
  groupMembersMax,
} from '../../src/consumers/documents.ts';
import { deliverySecondsMax } from '../../src/repository-tasks/events/deliver.ts';
import {
  deliveriesMax,
  eventBytesMax,
  retrySeconds,
} from '../../src/repository-tasks/events/documents.ts';
import { repositoryRoot } from '../support/source-tree.ts';
import { configurationOf } from '../support/stored-people.ts';

it('docs/consumers.md has the limits that the code has', async () => {
  const page = readFileSync(path.join(repositoryRoot, 'docs/consumers.md'), 'utf8');
  for (const text of [
    `at most ${consumerIdCharactersMax})`,
    `at most ${certificatesMax} count`,
    `has at most ${bindingsMax} bindings`,
    `the last ${eventsMax} events`,
    `has at most ${groupMembersMax.toLocaleString('en')}`,
    `within ${deliverySecondsMax} seconds`,
    `at most ${deliveriesMax} wait for one listener`,
    `over ${eventBytesMax / 1024} KiB`,
  ]) {
    assert.ok(page.includes(text), text);
  }
  assert.deepEqual(retrySeconds, [10, 60, 300, 1800, 7200]);
  const seconds = (await configurationOf({})).api.consumerCertificateSeconds;
  assert.equal(seconds, consumerCertificateSecondsDefault);
  assert.equal(seconds, 365 * 86_400);
});
