/** Policies with names, which Pulp has not: made, shown, changed and deleted in the store. */

import { z } from 'zod';
import { Place } from '../../config/place.ts';
import { policyName } from '../../config/policy.ts';
import type { PolicyAdministration } from '../../policies/administration.ts';
import { storedPoliciesMax } from '../../policies/documents.ts';
import { storableText } from '../check-input.ts';
import {
  conflict,
  duplicateResource,
  invalidValue,
  invalidValues,
  missingResource,
} from '../failures.ts';
import { created, type Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import {
  policyPath,
  policySchema,
  policyWithUsersSchema,
  showConfiguredPolicy,
  showStoredPolicy,
  showUsers,
  treeSchema,
} from '../policies/show-policy.ts';
import { policyProblems } from '../policies/tree-problems.ts';
import { type Route, route } from '../route.ts';

const path = '/v2/policies/';

const description = storableText.nullish();

export function createPolicyRoutes({ policies }: Pick<ApiParts, 'policies'>): Route[] {
  return [
    route({
      method: 'GET',
      path,
      operation: 'READ',
      summary: 'All policies that have a name, of the configuration and of the store',
      answer: { status: 200, schema: z.array(policySchema) },
      handle: async () => {
        const stored = await policies.stored.all();
        const own = stored.filter(({ _id }) => !policies.configured.has(_id));
        const configured = [...policies.configured.keys()].map(showConfiguredPolicy);
        return ok([...configured, ...own.map(showStoredPolicy)]);
      },
    }),
    route({
      method: 'POST',
      path,
      operation: 'CREATE',
      summary: 'Makes a policy with a name, which others refer to',
      body: z.strictObject({ id: z.string(), access: treeSchema, description }),
      answer: { status: 201, schema: policySchema },
      refusals: [409],
      handle: async ({ body, caller: { login } }) => createPolicy(policies, body, login),
    }),
    route({
      method: 'GET',
      path: policyPath,
      operation: 'READ',
      summary: 'One policy, and who refers to it',
      answer: { status: 200, schema: policyWithUsersSchema },
      refusals: [404],
      handle: async ({ params: { policy: id } }) => {
        const shown = await showPolicy(policies, id);
        if (shown === undefined) return missingPolicy(id);
        return ok({ ...shown, ...showUsers(await policies.usersOf(id)) });
      },
    }),
    ...createChangeRoutes(policies),
  ];
}

function createChangeRoutes(policies: PolicyAdministration): Route[] {
  return [
    route({
      method: 'PUT',
      path: policyPath,
      operation: 'UPDATE',
      summary: 'Changes a policy, for all who refer to it',
      body: z.strictObject({
        delta: z.strictObject({ access: treeSchema.optional(), description }),
      }),
      answer: { status: 200, schema: policySchema },
      refusals: [404, 409],
      handle: async ({ params: { policy: id }, body: { delta }, caller: { login: by } }) => {
        if (policies.configured.has(id)) return setInConfiguration(id);
        const { access } = delta;
        const checked = access === undefined ? undefined : await policies.checkPolicy(id, access);
        if (checked !== undefined && 'problems' in checked) {
          return invalidValues(policyProblems(checked.problems));
        }
        const { description: text } = delta;
        const updated = await policies.stored.update(id, {
          ...(checked !== undefined && { tree: checked.tree, uses: checked.uses }),
          ...(text !== undefined && { description: text }),
          by,
        });
        return updated === undefined ? missingPolicy(id) : ok(showStoredPolicy(updated));
      },
    }),
    route({
      method: 'DELETE',
      path: policyPath,
      operation: 'DELETE',
      summary: 'Deletes a policy to which nobody refers',
      answer: { status: 200, schema: z.null() },
      refusals: [404, 409],
      handle: async ({ params: { policy: id } }) => {
        if (policies.configured.has(id)) return setInConfiguration(id);
        const { used_by } = showUsers(await policies.usersOf(id));
        const users = [
          ...used_by.policies.map((name) => `the policy ${name}`),
          ...used_by.distributions,
        ];
        if (users.length > 0) {
          const text = `Cannot delete the policy ${id}: ${users.join(', ')} would be without it.`;
          return conflict('POLICY_IN_USE', text, { used_by });
        }
        return (await policies.stored.remove(id)) === 'missing' ? missingPolicy(id) : ok(null);
      },
    }),
  ];
}

async function createPolicy(
  policies: PolicyAdministration,
  body: {
    readonly id: string;
    readonly access: unknown;
    readonly description?: string | null | undefined;
  },
  by: string,
): Promise<Outcome> {
  const { id, access, description: text = null } = body;
  if (policyName.parse(id, new Place('', '/', [])) === undefined) {
    return invalidValue('id', `it is not ${policyName.expected}`);
  }
  if (policies.configured.has(id)) return setInConfiguration(id);
  if ((await policies.stored.count()) >= storedPoliciesMax) {
    return invalidValue('id', `there are ${storedPoliciesMax} policies already`);
  }
  const checked = await policies.checkPolicy(id, access);
  if ('problems' in checked) return invalidValues(policyProblems(checked.problems));
  const { tree, uses } = checked;
  const made = await policies.stored.create(id, { tree, uses, description: text, by });
  return made === undefined ? duplicateResource(id) : created(showStoredPolicy(made));
}

async function showPolicy(policies: PolicyAdministration, id: string) {
  if (policies.configured.has(id)) return showConfiguredPolicy(id);
  const stored = await policies.stored.byName(id);
  return stored && showStoredPolicy(stored);
}

function missingPolicy(id: string): Failure {
  return missingResource({ policy: id });
}

function setInConfiguration(id: string): Failure {
  const text = `The configuration has the policy ${id}: it is changed there.`;
  return conflict('SET_IN_CONFIGURATION', text, { policy: id });
}
