/** The units of a repository, searched. */

import { z } from 'zod';
import { PortcullisError } from '../../errors.ts';
import { associatedUnits } from '../../repositories/associated-units.ts';
import {
  type RawAssociationCriteria,
  readAssociationCriteria,
} from '../../repositories/association-criteria.ts';
import { repositoriesCollection } from '../../repositories/documents.ts';
import { storeLimits } from '../../stores/limits.ts';
import type { Store } from '../../stores/store.ts';
import { missingResource } from '../failures.ts';
import { Failure, type JsonObject, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { type Route, route } from '../route.ts';
import { checkAssociationCriteria } from '../units/read-criteria.ts';
import { associationSchema, showAssociation } from '../units/show-unit.ts';

export function createRepositoryUnitRoutes({ store }: Pick<ApiParts, 'store'>): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v2/repositories/{repository}/search/units/',
      operation: 'READ',
      summary: 'The units of a repository that the criteria mean',
      body: z.object({ criteria: z.record(z.string(), z.unknown()) }),
      answer: { status: 200, schema: z.array(associationSchema.partial()) },
      refusals: [404],
      handle: async ({ params: { repository }, body }) => {
        const criteria = checkAssociationCriteria(body.criteria);
        if (criteria instanceof Failure) return criteria;
        const found = await store.get(repositoriesCollection, repository);
        if (found === undefined) return missingResource({ repository });
        return ok(await search(store, repository, criteria));
      },
    }),
  ];
}

/** @throws PortcullisError RESULT_TOO_LARGE */
async function search(
  store: Store,
  repository: string,
  raw: RawAssociationCriteria,
): Promise<readonly JsonObject[]> {
  const ofUnit = raw.fields?.unit && new Set(raw.fields.unit);
  const ofAssociation = raw.fields?.association && new Set(raw.fields.association);
  const found: JsonObject[] = [];
  let bytes = 0;
  for await (const batch of associatedUnits(store, repository, readAssociationCriteria(raw))) {
    for (const unit of batch) {
      const membership = unit.memberships.find((one) => one.repository === repository);
      // It has left the repository meanwhile.
      if (membership === undefined) continue;
      const shown = only(showAssociation(unit, membership, ofUnit ?? undefined), ofAssociation);
      bytes += Buffer.byteLength(JSON.stringify(shown));
      found.push(shown);
    }
    if (bytes > storeLimits.resultBytesMax || found.length > storeLimits.resultDocumentsMax) {
      throw tooLarge();
    }
  }
  return found;
}

/** The fields of an association that are asked for, and those that a unit is found by. */
function only(shown: JsonObject, names: ReadonlySet<string> | null | undefined): JsonObject {
  if (names == null) return shown;
  const kept = new Set([...names, '_id', 'id', 'unit_id', 'unit_type_id', 'metadata']);
  return Object.fromEntries(Object.entries(shown).filter(([name]) => kept.has(name)));
}

function tooLarge(): PortcullisError {
  return new PortcullisError(
    'RESULT_TOO_LARGE',
    'Cannot give the units: they are more than is given at once; ask for fewer fields, or with a limit',
  );
}
