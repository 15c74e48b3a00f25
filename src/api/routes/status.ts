/** What everybody may know, and what the API is. */

import { z } from 'zod';
import type { TaskWorker } from '../../tasks/queue.ts';
import { ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { type Route, route } from '../route.ts';

const connection = z.object({ connected: z.boolean() });

const statusSchema = z.object({
  api_version: z.literal('2'),
  versions: z.object({ platform_version: z.string() }),
  database_connection: connection,
  messaging_connection: connection,
  known_workers: z.array(
    z.object({ _id: z.string(), last_heartbeat: z.string().nullable(), _ns: z.literal('workers') }),
  ),
});

/** Of Pulp's last release: clients compare it. */
const platformVersion = '2.21.5';

export function createStatusRoutes({ store, tasks }: Pick<ApiParts, 'store' | 'tasks'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v2/status/',
      operation: 'none',
      summary: 'Whether the server is at work',
      answer: { status: 200, schema: statusSchema },
      handle: async () => {
        const workers = await workersOf(store, tasks);
        const connected = workers !== undefined;
        return ok({
          api_version: '2',
          versions: { platform_version: platformVersion },
          database_connection: { connected },
          // The queue is in the store: there is no other broker that could be away.
          messaging_connection: { connected },
          known_workers: (workers ?? []).map(({ name, renewedAt }) => ({
            _id: name,
            last_heartbeat: renewedAt,
            _ns: 'workers',
          })),
        });
      },
    }),
  ];
}

/** Undefined while the store is away: that is what a status is asked for. */
async function workersOf(
  store: ApiParts['store'],
  tasks: ApiParts['tasks'],
): Promise<readonly TaskWorker[] | undefined> {
  try {
    await store.ping();
    return await tasks.workers();
  } catch {
    return undefined;
  }
}
