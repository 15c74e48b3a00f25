/** What importers and distributors do again and again: sync and publish. */

import { z } from 'zod';
import { repositoryLimits } from '../../repositories/limits.ts';
import { Repositories } from '../../repositories/repositories.ts';
import { type ScheduleResult, Schedules } from '../../repositories/schedules.ts';
import { storableText } from '../check-input.ts';
import { invalidValue, missingResource } from '../failures.ts';
import { created, Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import {
  findScheduled,
  keepingHidden,
  type Params,
  type Scheduled,
  type ScheduledFamily,
  scheduledFamilies,
} from '../repositories/scheduled.ts';
import { scheduleSchema } from '../repositories/show-schedule.ts';
import { type Route, type RoutePath, route } from '../route.ts';
import { storableObject } from '../storable-object.ts';

/** Runs that may fail in a row before a schedule is disabled. */
const failureThresholdMax = 1_000_000;

const threshold = z.int().min(1).max(failureThresholdMax).nullish();

type ScheduleParts = Pick<ApiParts, 'store' | 'now'>;

export function createScheduleRoutes(parts: ScheduleParts): Route[] {
  return scheduledFamilies.flatMap((family) => familyRoutes(family, parts));
}

function familyRoutes(family: ScheduledFamily, { store, now }: ScheduleParts): Route[] {
  const schedules = new Schedules(store, now);
  const repositories = new Repositories(store, now);
  const find = async (params: Params): Promise<Scheduled | Failure> =>
    findScheduled(family, params, repositories);
  return [...listRoutes(family, schedules, find), ...oneRoutes(family, schedules, find)];
}

type Find = (params: Params) => Promise<Scheduled | Failure>;

function listRoutes(
  { path, task, what, kept }: ScheduledFamily,
  schedules: Schedules,
  find: Find,
): Route[] {
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
          ...{ resource, repository, task, kwargs: kept(body.override_config ?? {}) },
          enabled: body.enabled ?? true,
          schedule: body.schedule,
          failure_threshold: body.failure_threshold ?? null,
        });
        return outcomeOf(result, found, '', created);
      },
    }),
  ];
}

function oneRoutes(family: ScheduledFamily, schedules: Schedules, find: Find): Route[] {
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
            kwargs: keepingHidden(
              family.kept(body.override_config),
              before?.kwargs ?? {},
              found.secrets,
            ),
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

function outcomeOf(
  result: ScheduleResult,
  { show }: Scheduled,
  id: string,
  answer: (shown: ReturnType<Scheduled['show']>) => Outcome,
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
