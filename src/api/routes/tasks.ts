/** Tasks: listed, shown, cancelled, searched, and purged when they are over. */

import { z } from 'zod';
import { type FinalState, type Task, type TaskError, taskStates } from '../../tasks/task.ts';
import { objectId, type Searchable } from '../criteria.ts';
import { forbidden, invalidRequest, missingResource } from '../failures.ts';
import { Answer, type Json, type JsonObject, type Linked, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { hrefOf, many, type Route, route } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';

const json = z.unknown();

const taskSchema = z.object({
  _href: z.string(),
  _id: z.object({ $oid: z.string() }),
  id: z.string(),
  _ns: z.literal('task_status'),
  task_id: z.string(),
  task_type: z.string(),
  state: z.string(),
  worker_name: z.string().nullable(),
  queue: z.string().nullable().optional(),
  tags: z.array(z.string()),
  group_id: z.string().nullable(),
  error: z.record(z.string(), json).nullable(),
  exception: z.null(),
  traceback: z.null(),
  spawned_tasks: z.array(z.object({ _href: z.string(), task_id: z.string() })),
  progress_report: z.record(z.string(), json),
  result: json,
  start_time: z.string().nullable(),
  finish_time: z.string().nullable(),
});

const searchable: Searchable = {
  fields: new Map([
    ['id', '_id'],
    ...[
      '_id',
      'task_id',
      'task_type',
      'state',
      'tags',
      'group_id',
      'worker_name',
      'progress_report',
      'result',
      'error',
      'spawned_tasks',
      'start_time',
      'finish_time',
    ].map((name) => [name, name] as const),
  ]),
  always: ['_href', '_id', 'id', 'task_id'],
};

/** What Pulp lets be purged, and nothing that may still be waited for. */
const purgeable: readonly FinalState[] = ['finished', 'error', 'skipped'];

export function createTaskRoutes({ tasks }: Pick<ApiParts, 'tasks'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v2/tasks/',
      operation: 'READ',
      summary: 'The tasks of no group that have all of the tags, and are in one of the states',
      query: { tag: many(z.string()), state: many(z.enum(taskStates)) },
      answer: { status: 200, schema: z.array(taskSchema) },
      handle: async ({ query }) => ok((await tasks.list(query.tag, query.state)).map(showTask)),
    }),
    route({
      method: 'DELETE',
      path: '/v2/tasks/',
      operation: 'DELETE',
      summary: 'Removes the tasks that are over in one of the states',
      query: { state: many(z.string()) },
      answer: { status: 204 },
      refusals: [403],
      handle: async ({ query }) => {
        if (query.state.length === 0) {
          return forbidden('PLP1012', 'No state parameter was specified for the purge of tasks.');
        }
        const states = purgeable.filter((state) => query.state.includes(state));
        if (states.length < new Set(query.state).size) {
          const wanted = purgeable.join(', ');
          return invalidRequest('PLP1011', `Tasks are purged in the states ${wanted} alone.`);
        }
        await tasks.purge(states);
        return new Answer(204, null);
      },
    }),
    ...searchRoutes('/v2/tasks/search/', 'Tasks that the criteria mean', {
      searchable,
      result: taskSchema,
      find: async (query) => (await tasks.search(query)).map((task) => showTask(task as Task)),
    }),
    ...createOneTaskRoutes(tasks),
  ];
}

function createOneTaskRoutes(tasks: ApiParts['tasks']): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v2/tasks/{task}/',
      operation: 'READ',
      summary: 'One task',
      answer: { status: 200, schema: taskSchema },
      refusals: [404],
      handle: async ({ params }) => {
        const task = await tasks.get(params.task);
        if (task === undefined) return missingResource({ resource_id: params.task });
        const { worker_name: worker } = task;
        return ok({ ...showTask(task), queue: worker === null ? null : `${worker}.dq` });
      },
    }),
    route({
      method: 'DELETE',
      path: '/v2/tasks/{task}/',
      operation: 'DELETE',
      summary: 'Cancels a task; one that is over stays as it is',
      answer: { status: 200, schema: z.null() },
      refusals: [404],
      handle: async ({ params }) => {
        const outcome = await tasks.cancel(params.task);
        return outcome === 'missing' ? missingResource({ resource_id: params.task }) : ok(null);
      },
    }),
  ];
}

function showTask(task: Task): Linked {
  return {
    _href: taskHref(task.task_id),
    _id: objectId(task._id),
    id: task._id,
    _ns: 'task_status',
    task_id: task.task_id,
    task_type: task.task_type,
    state: task.state,
    worker_name: task.worker_name,
    tags: task.tags,
    group_id: task.group_id,
    error: task.error as (TaskError & JsonObject) | null,
    exception: null,
    traceback: null,
    spawned_tasks: task.spawned_tasks.map((id) => ({ _href: taskHref(id), task_id: id })),
    progress_report: task.progress_report as JsonObject,
    result: task.result as Json,
    start_time: task.start_time,
    finish_time: task.finish_time,
  };
}

function taskHref(id: string): string {
  return hrefOf('/v2/tasks/{task}/', { task: id });
}
