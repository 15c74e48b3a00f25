/** Units that no repository has: counted, listed, and removed by a task. */

import { z } from 'zod';
import { type Unit, unitsCollection } from '../../repositories/documents.ts';
import { removeOrphansSubmission } from '../../repository-tasks/remove-orphans.ts';
import { unitType, unitTypeIds } from '../../repository-types/all-types.ts';
import { where } from '../../stores/parse-filter.ts';
import type { Store } from '../../stores/store.ts';
import { callReportSchema } from '../call-report.ts';
import { invalidValue, missingResource } from '../failures.ts';
import { ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { hrefOf, type Route, route } from '../route.ts';
import { submitTask } from '../submit-task.ts';
import { orphanSchema, showOrphan } from '../units/show-unit.ts';
import { missingType } from './units.ts';

/** Units of one call. */
export const listedOrphansMax = 10_000;

type OrphanParts = Pick<ApiParts, 'store' | 'tasks'>;

export function createOrphanRoutes(parts: OrphanParts): Route[] {
  return [...createAllRoutes(parts), ...createTypeRoutes(parts), ...createUnitRoutes(parts)];
}

function createAllRoutes({ store, tasks }: OrphanParts): Route[] {
  const counted = z.strictObject({ count: z.int(), _href: z.string() });
  return [
    route({
      method: 'GET',
      path: '/v2/content/orphans/',
      operation: 'READ',
      summary: 'How many units of each type no repository has',
      answer: { status: 200, schema: z.record(z.string(), counted) },
      handle: async () => {
        const counts = await Promise.all(
          unitTypeIds.map(async (type) => {
            const count = await store.count(unitsCollection, orphansOf(type));
            const _href = hrefOf('/v2/content/orphans/{type}/', { type });
            return [type, { count, _href }] as const;
          }),
        );
        return ok(Object.fromEntries(counts.filter(([, { count }]) => count > 0)));
      },
    }),
    route({
      method: 'DELETE',
      path: '/v2/content/orphans/',
      operation: 'DELETE',
      summary:
        'Removes all units that no repository has, by a task; its result is how many of each type',
      answer: { status: 202, schema: callReportSchema },
      handle: () => submitTask(tasks, removeOrphansSubmission({ kind: 'all' })),
    }),
    route({
      method: 'POST',
      path: '/v2/content/actions/delete_orphans/',
      operation: 'DELETE',
      summary: 'Removes those of the units that no repository has, by a task',
      payload: z.array(z.strictObject({ content_type_id: z.string(), unit_id: z.string() })),
      answer: { status: 202, schema: callReportSchema },
      handle: async ({ payload }) => {
        if (payload.length > listedOrphansMax) {
          return invalidValue('unit_id', `they are more than ${listedOrphansMax}`);
        }
        const unknown = payload.find(({ content_type_id: type }) => unitType(type) === undefined);
        if (unknown !== undefined) {
          return invalidValue('content_type_id', 'there is no such type of units');
        }
        const units = payload.map(({ content_type_id: type, unit_id: id }) => ({ type, id }));
        return submitTask(tasks, removeOrphansSubmission({ kind: 'units', units }));
      },
    }),
  ];
}

function createTypeRoutes({ store, tasks }: OrphanParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v2/content/orphans/{type}/',
      operation: 'READ',
      summary: 'The units of a type that no repository has',
      answer: { status: 200, schema: z.array(orphanSchema) },
      refusals: [404],
      handle: async ({ params: { type } }) => {
        const known = unitType(type);
        if (known === undefined) return missingType(type);
        const fields = ['type', ...known.unitKey.map((name) => `fields.${name}`)];
        const found = await store.find(unitsCollection, { filter: orphansOf(type), fields });
        return ok((found as readonly Unit[]).map(showOrphan));
      },
    }),
    route({
      method: 'DELETE',
      path: '/v2/content/orphans/{type}/',
      operation: 'DELETE',
      summary:
        'Removes the units of a type that no repository has, by a task; its result is how many',
      answer: { status: 202, schema: callReportSchema },
      refusals: [404],
      handle: async ({ params: { type } }) => {
        if (unitType(type) === undefined) return missingType(type);
        return submitTask(tasks, removeOrphansSubmission({ kind: 'type', type }));
      },
    }),
  ];
}

function createUnitRoutes({ store, tasks }: OrphanParts): Route[] {
  const path = '/v2/content/orphans/{type}/{unit}/';
  const find = (type: string, unit: string) => orphanOf(store, type, unit);
  return [
    route({
      method: 'GET',
      path,
      operation: 'READ',
      summary: 'One unit that no repository has',
      answer: { status: 200, schema: orphanSchema },
      refusals: [404],
      handle: async ({ params: { type, unit } }) => {
        const orphan = await find(type, unit);
        return orphan === undefined ? missingOrphan(type, unit) : ok(showOrphan(orphan));
      },
    }),
    route({
      method: 'DELETE',
      path,
      operation: 'DELETE',
      summary: 'Removes one unit that no repository has, by a task',
      answer: { status: 202, schema: callReportSchema },
      refusals: [404],
      handle: async ({ params: { type, unit } }) => {
        const orphan = await find(type, unit);
        if (orphan === undefined) return missingOrphan(type, unit);
        const units = [{ type, id: unit }];
        return submitTask(tasks, removeOrphansSubmission({ kind: 'units', units }));
      },
    }),
  ];
}

function orphansOf(type: string) {
  return where({ type, is_orphan: true, is_pending: false });
}

async function orphanOf(store: Store, type: string, id: string): Promise<Unit | undefined> {
  const unit = (await store.get(unitsCollection, id)) as Unit | undefined;
  return unit?.type === type && unit.is_orphan && !unit.is_pending ? unit : undefined;
}

function missingOrphan(type: string, unit: string) {
  return missingResource({ content_type_id: type, content_unit: unit });
}
