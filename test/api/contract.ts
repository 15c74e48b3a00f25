/** What the API keeps to, on any store. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { statusesOf } from '../../src/api/route.ts';
import type { StoreContract, StoreHost } from '../contracts/store-fixture.ts';
import { Client } from './client.ts';
import { type RunningApi, type RunOptions, runApi, seen } from './running-api.ts';
import { testAuthentication } from './test-authentication.ts';
import { testConsumerBindings } from './test-consumer-bindings.ts';
import { testConsumers } from './test-consumers.ts';
import { testConventions } from './test-conventions.ts';
import { testDeniedCertificates } from './test-denied-certificates.ts';
import { testEvents } from './test-events.ts';
import { testExplain } from './test-explain.ts';
import { testHostileInput } from './test-hostile-input.ts';
import { testLeftOut } from './test-left-out.ts';
import { testLimits } from './test-limits.ts';
import { testMatrix } from './test-matrix.ts';
import { testPermissions } from './test-permissions.ts';
import { testPlaces } from './test-places.ts';
import { testPluginLists } from './test-plugin-lists.ts';
import { testPolicies } from './test-policies.ts';
import { testProcesses } from './test-processes.ts';
import { testRepositories } from './test-repositories.ts';
import { testRepositoryActions } from './test-repository-actions.ts';
import { testRepositoryGroups } from './test-repository-groups.ts';
import { testRepositoryHistory } from './test-repository-history.ts';
import { testRepositoryParts } from './test-repository-parts.ts';
import { testRoles } from './test-roles.ts';
import { testSchedules } from './test-schedules.ts';
import { testSignedLinks } from './test-signed-links.ts';
import { testTasks } from './test-tasks.ts';
import { testTokens } from './test-tokens.ts';
import { testUnitTasks } from './test-unit-tasks.ts';
import { testUnits } from './test-units.ts';
import { testUploads } from './test-uploads.ts';
import { testUserEnds } from './test-user-ends.ts';
import { testUserSearch } from './test-user-search.ts';
import { testUsers } from './test-users.ts';

/** A new API for each part: what one leaves behind is nothing to the others. */
export interface GivenApi {
  readonly api: RunningApi;
  readonly client: Client;
  /** Another one, on a store of its own unless it is given one. */
  start(options?: RunOptions): Promise<RunningApi>;
}

export function testApi(contract: StoreContract): void {
  for (const [name, part] of Object.entries(parts)) {
    describe(`api ${name} on ${contract.name}`, { skip: contract.skip }, () => {
      let host: StoreHost;
      let api: RunningApi;
      let client: Client;
      before(async () => {
        host = await contract.host();
        api = await runApi(host.settings());
        client = new Client(api);
      });
      after(async () => {
        await api[Symbol.asyncDispose]();
        await host[Symbol.asyncDispose]();
      });
      part(() => ({ api, client, start: (options) => runApi(host.settings(), options) }));
    });
  }
}

/** Each status of each route was seen by the tests above, with a body as it is declared. */
function testStatuses(given: () => GivenApi): void {
  it('api gives every status that it declares', () => {
    const declared = given().api.routes.flatMap(({ method, path, answer, operation, refusals }) => {
      const always = operation === 'none' ? [] : [500, 503];
      const statuses = [...statusesOf(answer), ...refusals, ...always];
      return statuses.map((status) => `${method} ${path} ${status}`);
    });
    assert.deepEqual([...new Set(declared).difference(seen)], []);
  });
}

const parts: Readonly<Record<string, (given: () => GivenApi) => void>> = {
  conventions: testConventions,
  authentication: testAuthentication,
  users: testUsers,
  'ends of users': testUserEnds,
  searches: testUserSearch,
  roles: testRoles,
  permissions: testPermissions,
  'denied certificates': testDeniedCertificates,
  policies: testPolicies,
  tokens: testTokens,
  'signed links': testSignedLinks,
  tasks: testTasks,
  units: testUnits,
  uploads: testUploads,
  'tasks of units': testUnitTasks,
  consumers: testConsumers,
  'bindings of consumers': testConsumerBindings,
  repositories: testRepositories,
  'importers and distributors': testRepositoryParts,
  places: testPlaces,
  'actions of repositories': testRepositoryActions,
  'history of repositories': testRepositoryHistory,
  schedules: testSchedules,
  'groups of repositories': testRepositoryGroups,
  'plug-ins': testPluginLists,
  events: testEvents,
  'what is left out': testLeftOut,
  explaining: testExplain,
  limits: testLimits,
  processes: testProcesses,
  'hostile input': testHostileInput,
  matrix: testMatrix,
  statuses: testStatuses,
};
