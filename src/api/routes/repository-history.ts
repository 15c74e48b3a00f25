/** What synchronizations and publishes of a repository came to. */

import { z } from 'zod';
import { History } from '../../repositories/history.ts';
import { repositoryLimits } from '../../repositories/limits.ts';
import { Repositories } from '../../repositories/repositories.ts';
import { distributorOf } from '../../repositories/repository-parts.ts';
import { queryNumber, queryTime } from '../access/query-values.ts';
import { missingResource } from '../failures.ts';
import { ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import {
  publishEntrySchema,
  showPublish,
  showSync,
  syncEntrySchema,
} from '../repositories/show-history.ts';
import { repositoryPath } from '../repositories/show-repository.ts';
import { one, type Route, route } from '../route.ts';

const { syncHistoryMax, publishHistoryMax } = repositoryLimits;

const query = {
  limit: one(queryNumber(1, Math.max(syncHistoryMax, publishHistoryMax))),
  sort: one(z.enum(['ascending', 'descending'])),
  start_date: one(queryTime),
  end_date: one(queryTime),
} as const;

interface GivenQuery {
  readonly limit: number | undefined;
  readonly sort: 'ascending' | 'descending' | undefined;
  readonly start_date: Date | undefined;
  readonly end_date: Date | undefined;
}

export function createHistoryRoutes({ store, now }: Pick<ApiParts, 'store' | 'now'>): Route[] {
  const history = new History(store);
  const repositories = new Repositories(store, now);
  return [
    route({
      method: 'GET',
      path: `${repositoryPath}history/sync/`,
      operation: 'READ',
      summary: 'What synchronizations of a repository came to, the latest first',
      query,
      answer: { status: 200, schema: z.array(syncEntrySchema) },
      refusals: [404],
      handle: async ({ params: { repository: id }, query: given }) => {
        if ((await repositories.byId(id)) === undefined) return missingResource({ repository: id });
        return ok((await history.ofSync(id, wanted(given))).map(showSync));
      },
    }),
    route({
      method: 'GET',
      path: `${repositoryPath}history/publish/{distributor}/`,
      operation: 'READ',
      summary: 'What publishes of a distributor came to, the latest first',
      query,
      answer: { status: 200, schema: z.array(publishEntrySchema) },
      refusals: [404],
      handle: async ({ params: { repository: id, distributor }, query: given }) => {
        const repository = await repositories.byId(id);
        if (repository === undefined) return missingResource({ repository: id });
        if (distributorOf(repository, distributor) === undefined) {
          return missingResource({ repo_id: id, distributor_id: distributor });
        }
        return ok((await history.ofPublish(id, distributor, wanted(given))).map(showPublish));
      },
    }),
  ];
}

function wanted({ limit, sort, start_date: start, end_date: end }: GivenQuery) {
  return {
    ...(limit !== undefined && { limit }),
    ...(sort !== undefined && { sort }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
  };
}
