/** Who may read a distribution, where the configuration leaves that to the store. */

import { z } from 'zod';
import type { PolicyAdministration } from '../../policies/administration.ts';
import { conflict, invalidValues, missingResource } from '../failures.ts';
import { type Failure, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { accessMembers, accessPath, accessSchema, showAccess } from '../policies/show-policy.ts';
import { policyProblems } from '../policies/tree-problems.ts';
import { type Route, route } from '../route.ts';

/** The distribution is part of the path, so that a grant is about one, or about those below a path. */
export function createAccessRoutes({ policies }: Pick<ApiParts, 'policies'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v2/distributions/',
      operation: 'READ',
      summary: 'All distributions, and who says who may read them',
      answer: { status: 200, schema: z.array(accessSchema) },
      handle: async () => ok(await showAll(policies)),
    }),
    route({
      method: 'GET',
      path: accessPath,
      operation: 'READ',
      summary: 'Who may read a distribution, as the store has it',
      answer: { status: 200, schema: accessSchema },
      refusals: [404],
      handle: async ({ params: { distribution } }) => {
        const source = await policies.sourceOf(distribution);
        const stored = await policies.stored.accessOf(distribution);
        if (source === undefined && stored === undefined) return missingDistribution(distribution);
        return ok(showAccess(distribution, source, stored));
      },
    }),
    ...createChangeRoutes(policies),
  ];
}

function createChangeRoutes(policies: PolicyAdministration): Route[] {
  return [
    route({
      method: 'PUT',
      path: accessPath,
      operation: 'UPDATE',
      summary: 'Says who may read a distribution, in place of what was said before',
      body: z.strictObject(accessMembers),
      answer: { status: 200, schema: accessSchema },
      refusals: [404, 409],
      handle: async ({ params: { distribution }, body, caller: { login: by } }) => {
        const source = await policies.sourceOf(distribution);
        if (source === undefined) return missingDistribution(distribution);
        if (source === 'configuration') return setInConfiguration(distribution);
        const checked = await policies.checkAccess(body);
        if ('problems' in checked) return invalidValues(policyProblems(checked.problems));
        const { tree, uses } = checked;
        const saved = await policies.stored.setAccess(distribution, { tree, uses, by });
        return ok(showAccess(distribution, source, saved));
      },
    }),
    route({
      method: 'DELETE',
      path: accessPath,
      operation: 'DELETE',
      summary: 'Takes back what was said: nobody may read the distribution then',
      answer: { status: 200, schema: z.null() },
      refusals: [404, 409],
      handle: async ({ params: { distribution } }) => {
        // Of one that is not served any more, what is left can go.
        if ((await policies.sourceOf(distribution)) === 'configuration') {
          return setInConfiguration(distribution);
        }
        const outcome = await policies.stored.clearAccess(distribution);
        return outcome === 'missing' ? missingDistribution(distribution) : ok(null);
      },
    }),
  ];
}

async function showAll(policies: PolicyAdministration) {
  const { stored } = policies;
  const sources = await policies.sources();
  const access = new Map((await stored.allAccess()).map((one) => [one.distribution, one]));
  const names = new Set([...sources.keys(), ...access.keys()]);
  return [...names].map((name) => showAccess(name, sources.get(name), access.get(name)));
}

function missingDistribution(distribution: string): Failure {
  return missingResource({ distribution });
}

function setInConfiguration(distribution: string): Failure {
  const text = `The configuration says who may read ${distribution}: it is changed there.`;
  return conflict('SET_IN_CONFIGURATION', text, { distribution });
}
