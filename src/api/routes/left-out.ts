/**
 * What Pulp 2 has and Portcullis has not: each call answers 501 with the reason, so that a script that
 * makes it ends with a sentence. docs/pulp2-api.md lists them beside all others.
 */

import type { Operation } from '../../people/operation.ts';
import { notImplemented } from '../failures.ts';
import { type Method, type Route, type RoutePath, route } from '../route.ts';

interface LeftOut {
  /** As clients read it. */
  readonly name: string;
  /** Why there is none, and what there is instead. */
  readonly reason: string;
  readonly calls: readonly (readonly [Method, RoutePath, Operation])[];
}

const agents = 'Portcullis has no agents on its consumers.';
const contentActions = ['install', 'update', 'uninstall'] as const;

const leftOut: readonly LeftOut[] = [
  ...contentActions.map((action) => ({
    name: `content.${action}`,
    reason: `${agents} Have the consumer's own package manager ${action} what is published.`,
    calls: [
      ['POST', `/v2/consumers/{consumer}/actions/content/${action}/`, 'CREATE'],
      ['POST', `/v2/consumer_groups/{group}/actions/content/${action}/`, 'CREATE'],
      ['GET', `/v2/consumers/{consumer}/schedules/content/${action}/`, 'READ'],
      ['POST', `/v2/consumers/{consumer}/schedules/content/${action}/`, 'CREATE'],
      ['GET', `/v2/consumers/{consumer}/schedules/content/${action}/{schedule}/`, 'READ'],
      ['PUT', `/v2/consumers/{consumer}/schedules/content/${action}/{schedule}/`, 'UPDATE'],
      ['DELETE', `/v2/consumers/{consumer}/schedules/content/${action}/{schedule}/`, 'DELETE'],
    ] as const,
  })),
  {
    name: 'content.applicability',
    reason:
      'No applicability is computed. Ask the package manager of the consumer for its updates.',
    calls: [
      ['POST', '/v2/consumers/content/applicability/', 'READ'],
      ['POST', '/v2/consumers/actions/content/regenerate_applicability/', 'CREATE'],
      ['POST', '/v2/consumers/{consumer}/actions/content/regenerate_applicability/', 'CREATE'],
      ['POST', '/v2/repositories/actions/content/regenerate_applicability/', 'CREATE'],
    ],
  },
  {
    name: 'content.sources',
    reason: 'There are no alternate content sources. Content comes from the feed of a repository.',
    calls: [
      ['GET', '/v2/content/sources/', 'READ'],
      ['GET', '/v2/content/sources/{source}/', 'READ'],
      ['POST', '/v2/content/sources/action/refresh/', 'UPDATE'],
      ['POST', '/v2/content/sources/{source}/action/refresh/', 'UPDATE'],
      ['DELETE', '/v2/content/catalog/{source}/', 'DELETE'],
    ],
  },
  {
    name: 'task_groups',
    reason: 'Tasks have no groups with a state of their own. Ask for each task by its id.',
    calls: [
      ['GET', '/v2/task_groups/{group}/', 'READ'],
      ['DELETE', '/v2/task_groups/{group}/', 'DELETE'],
      ['GET', '/v2/task_groups/{group}/state_summary/', 'READ'],
    ],
  },
];

export function createLeftOutRoutes(): Route[] {
  return leftOut.flatMap(({ name, reason, calls }) =>
    calls.map(([method, path, operation]) =>
      route({
        method,
        path,
        operation,
        summary: `Not there: ${reason}`,
        answer: { status: 501 },
        handle: async () => notImplemented(name, reason),
      }),
    ),
  );
}
