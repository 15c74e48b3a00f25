/** What can have schedules: importers sync by them, distributors publish. */

import type { JsonObject } from '../../repositories/documents.ts';
import type { Repositories } from '../../repositories/repositories.ts';
import { distributorOf } from '../../repositories/repository-parts.ts';
import type { Schedule } from '../../repositories/schedule.ts';
import {
  type ScheduleSubject,
  scheduleResource,
} from '../../repository-tasks/schedule-resource.ts';
import { distributorType, importerType } from '../../repository-types/all-types.ts';
import { withFeedCredentials } from '../../repository-types/feed-url.ts';
import { missingResource } from '../failures.ts';
import type { Failure } from '../outcome.ts';
import { hrefOf, type RoutePath } from '../route.ts';
import { withoutHidden } from './secrets.ts';
import { distributorPath, importerPath } from './show-repository.ts';
import { showSchedule } from './show-schedule.ts';

/** Importers have theirs, and distributors. */
export interface ScheduledFamily {
  readonly kind: ScheduleSubject['kind'];
  readonly path: RoutePath;
  readonly task: string;
  readonly what: string;
  readonly secretsOf: (typeId: string) => readonly string[] | undefined;
  /** What is kept of settings: a secret is in a name that is never shown. */
  readonly kept: (settings: JsonObject) => JsonObject;
}

export const scheduledFamilies: readonly ScheduledFamily[] = [
  {
    kind: 'importer',
    path: `${importerPath}schedules/sync/`,
    task: 'repository.sync',
    what: 'synchronizes',
    secretsOf: (typeId) => importerType(typeId)?.secrets,
    kept: withFeedCredentials,
  },
  {
    kind: 'distributor',
    path: `${distributorPath}schedules/publish/`,
    task: 'repository.publish',
    what: 'publishes',
    secretsOf: (typeId) => distributorType(typeId)?.secrets,
    kept: (settings) => settings,
  },
];

export type Params = Readonly<Record<string, string>>;

/** An importer or distributor that is there, with its schedules. */
export interface Scheduled {
  readonly resource: string;
  readonly repository: string;
  readonly secrets: readonly string[];
  readonly show: (schedule: Schedule) => ReturnType<typeof showSchedule>;
}

export async function findScheduled(
  { kind, path, secretsOf }: ScheduledFamily,
  params: Params,
  repositories: Repositories,
): Promise<Scheduled | Failure> {
  const { repository = '', [kind]: id = '' } = params;
  const found = await repositories.byId(repository);
  if (found === undefined) return missingResource({ repository });
  const typeId =
    kind === 'importer'
      ? found.importer?.importer_type_id === id && id
      : distributorOf(found, id)?.distributor_type_id;
  if (typeof typeId !== 'string') {
    return missingResource({ repo_id: repository, [`${kind}_id`]: id });
  }
  const secrets = secretsOf(typeId) ?? [];
  const resource = scheduleResource({ kind, repository, id });
  return {
    ...{ resource, repository, secrets },
    show: (schedule) => {
      const href = hrefOf(`${path}{schedule}/`, { ...params, schedule: schedule._id });
      return showSchedule(schedule, id, secrets, href);
    },
  };
}

/** Another set of settings in the place of the one before: a secret that comes back hidden is the same. */
export function keepingHidden(
  sent: JsonObject,
  before: JsonObject,
  secrets: readonly string[],
): JsonObject {
  const plain = withoutHidden(sent, secrets);
  const hidden = Object.keys(sent).filter((name) => !Object.hasOwn(plain, name));
  const kept = Object.entries(before).filter(([name]) => hidden.includes(name));
  return { ...plain, ...Object.fromEntries(kept) };
}
