/** What importers and distributors do again and again: sync and publish. */

import { z } from 'zod';
import type { JsonObject } from '../../repositories/documents.ts';
import { repositoryLimits } from '../../repositories/limits.ts';
import { Repositories } from '../../repositories/repositories.ts';
import { distributorOf } from '../../repositories/repository-parts.ts';
import { type ScheduleResult, Schedules } from '../../repositories/schedules.ts';
import {
  type ScheduleSubject,
  scheduleResource,
} from '../../repository-tasks/schedule-resource.ts';
import { distributorType, importerType } from '../../repository-types/all-types.ts';
import { storableText } from '../check-input.ts';
import { invalidValue, missingResource } from '../failures.ts';
import { created, Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { withoutHidden } from '../repositories/secrets.ts';
import { distributorPath, importerPath } from '../repositories/show-repository.ts';
import { scheduleSchema, showSchedule } from '../repositories/show-schedule.ts';
import { hrefOf, type Route, type RoutePath, route } from '../route.ts';
import { storableObject } from '../storable-object.ts';

/** Runs that may fail in a row before a schedule is disabled. */
const failureThresholdMax = 1_000_000;

const threshold = z.int().min(1).max(failureThresholdMax).nullish();

/** Importers have theirs, and distributors. */
interface Family {
  readonly kind: ScheduleSubject['kind'];
  readonly path: RoutePath;
  readonly task: string;
  readonly what: string;
  readonly secretsOf: (typeId: string) => readonly string[] | undefined;
}

const families: readonly Family[] = [
  {
    kind: 'importer',
    path: `${importerPath}schedules/sync/`,
    task: 'repository.sync',
    what: 'synchronizes',
    secretsOf: (typeId) => importerType(typeId)?.secrets,
  },
  {
    kind: 'distributor',
    path: `${distributorPath}schedules/publish/`,
    task: 'repository.publish',
    what: 'publishes',
    secretsOf: (typeId) => distributorType(typeId)?.secrets,
  },
];

type ScheduleParts = Pick<ApiParts, 'store' | 'now'>;

export function createScheduleRoutes(parts: ScheduleParts): Route[] {
  return families.flatMap((family) => familyRoutes(family, parts));
}

type Params = Readonly<Record<string, string>>;

/** The schedules of one importer or distributor that is there. */
interface Found {
  readonly resource: string;
  readonly repository: string;
  readonly secrets: readonly string[];
  readonly show: (schedule: Parameters<typeof showSchedule>[0]) => ReturnType<typeof showSchedule>;
}

function familyRoutes(family: Family, { store, now }: ScheduleParts): Route[] {
  const schedules = new Schedules(store, now);
  const repositories = new Repositories(store, now);
  const find = async (params: Params): Promise<Found | Failure> =>
    findSubject(family, params, repositories);
  return [...listRoutes(family, schedules, find), ...oneRoutes(family, schedules, find)];
}

type Find = (params: Params) => Promise<Found | Failure>;

function listRoutes({ path, task, what }: Family, schedules: Schedules, find: Find): Route[] {
  return [
    route({
      method: 'GET',
      path,
      operation: 'READ',
      summary: `By what schedules it ${what}`,
      answer: { status: 200, schema: z.array(scheduleSchema) },
      refusals: [404],
      handle: async ({ params }) => {
        const found = await find(params);
        if (found instanceof Failure) return found;
        return ok((await schedules.ofResource(found.resource)).map(found.show));
      },
    }),
    route({
      method: 'POST',
      path,
      operation: 'CREATE',
      summary: `Has it do what it ${what} again and again`,
      body: z.strictObject({
        schedule: storableText,
        override_config: storableObject.nullish(),
        failure_threshold: threshold,
        enabled: z.boolean().nullish(),
      }),
      answer: { status: 201, schema: scheduleSchema },
      refusals: [404],
      handle: async ({ params, body }) => {
        const found = await find(params);
        if (found instanceof Failure) return found;
        const { resource, repository } = found;
        const result = await schedules.create({
          ...{ resource, repository, task, kwargs: body.override_config ?? {} },
          enabled: body.enabled ?? true,
          schedule: body.schedule,
          failure_threshold: body.failure_threshold ?? null,
        });
        return outcomeOf(result, found, '', created);
      },
    }),
  ];
}

function oneRoutes(family: Family, schedules: Schedules, find: Find): Route[] {
  const path: RoutePath = `${family.path}{schedule}/`;
  const id = (params: Params): string => params.schedule ?? '';
  return [
    route({
      method: 'GET',
      path,
      operation: 'READ',
      summary: `One schedule by which it ${family.what}`,
      answer: { status: 200, schema: scheduleSchema },
      refusals: [404],
      handle: async ({ params }) => {
        const found = await find(params);
        if (found instanceof Failure) return found;
        const schedule = await schedules.byId(id(params), found.resource);
        return schedule === undefined ? missing(id(params)) : ok(found.show(schedule));
      },
    }),
    route({
      method: 'PUT',
      path,
      operation: 'UPDATE',
      summary: 'Changes a schedule; another interval begins anew',
      body: z.strictObject({
        schedule: storableText.nullish(),
        override_config: storableObject.nullish(),
        failure_threshold: threshold,
        enabled: z.boolean().nullish(),
      }),
      answer: { status: 200, schema: scheduleSchema },
      refusals: [404],
      handle: async ({ params, body }) => {
        const found = await find(params);
        if (found instanceof Failure) return found;
        const before = await schedules.byId(id(params), found.resource);
        const delta = {
          ...(body.schedule != null && { schedule: body.schedule }),
          ...(body.enabled != null && { enabled: body.enabled }),
          ...(body.failure_threshold !== undefined && {
            failure_threshold: body.failure_threshold,
          }),
          ...(body.override_config != null && {
            kwargs: keepingHidden(body.override_config, before?.kwargs ?? {}, found.secrets),
          }),
        };
        const result = await schedules.update(id(params), found.resource, delta);
        return outcomeOf(result, found, id(params), ok);
      },
    }),
    route({
      method: 'DELETE',
      path,
      operation: 'DELETE',
      summary: 'Ends a schedule; what it has begun goes on',
      answer: { status: 200, schema: z.null() },
      refusals: [404],
      handle: async ({ params }) => {
        const found = await find(params);
        if (found instanceof Failure) return found;
        return (await schedules.remove(id(params), found.resource))
          ? ok(null)
          : missing(id(params));
      },
    }),
  ];
}

async function findSubject(
  { kind, path, secretsOf }: Family,
  params: Params,
  repositories: Repositories,
): Promise<Found | Failure> {
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
function keepingHidden(
  sent: JsonObject,
  before: JsonObject,
  secrets: readonly string[],
): JsonObject {
  const plain = withoutHidden(sent, secrets);
  const hidden = Object.keys(sent).filter((name) => !Object.hasOwn(plain, name));
  const kept = Object.entries(before).filter(([name]) => hidden.includes(name));
  return { ...plain, ...Object.fromEntries(kept) };
}

function outcomeOf(
  result: ScheduleResult,
  { show }: Found,
  id: string,
  answer: (shown: ReturnType<typeof showSchedule>) => Outcome,
): Outcome {
  switch (result.outcome) {
    case 'kept':
      return answer(show(result.schedule));
    case 'missing':
      return missing(id);
    case 'invalid':
      return invalidValue('schedule', result.problem);
    case 'full':
      return invalidValue('schedule', `there are ${repositoryLimits.schedulesMax} schedules`);
  }
}

function missing(id: string): Failure {
  return missingResource({ schedule_id: id });
}
