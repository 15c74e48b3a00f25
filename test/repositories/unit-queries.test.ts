/** The questions that are asked again and again have to cost what they find, and not what a repository has. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { repositoryCollections, unitsCollection } from '../../src/repositories/documents.ts';
import { indexesOf, readDeclarations } from '../../src/stores/collection.ts';
import { storeLimits } from '../../src/stores/limits.ts';
import { parseFilter } from '../../src/stores/parse-filter.ts';
import { planCount, planFilter } from '../../src/stores/sqlite/plan.ts';

const declared = readDeclarations(repositoryCollections, storeLimits);
const indexes = indexesOf(declared, unitsCollection).map((index, id) => ({ ...index, id }));

function indexFor(filter: object): string {
  const plan = planFilter(parseFilter(filter), indexes);
  return plan.kind === 'index' ? plan.index.name : plan.kind;
}

describe('queries of units', () => {
  const ofType = { repositories: 'r', type: 'rpm' };
  for (const [filter, index] of [
    [{ key_digest: { $in: ['x', 'y'] }, repositories: 'r' }, 'key_digest'],
    [{ replaces_digest: 'x', repositories: 'r' }, 'replaces_digest'],
    [{ replaces_digest: { $in: ['x', 'y'] }, repositories: 'r' }, 'replaces_digest'],
    [{ 'artifact.sha256': { $in: ['x', 'y'] }, repositories: 'r' }, 'artifact.sha256'],
    [{ ...ofType, 'fields.name': 'x' }, 'type,fields.name'],
    [{ ...ofType, _id: { $gt: 'x' } }, 'repositories,type,_id'],
    [{ ...ofType, 'fields.arch': 'x' }, 'repositories,type,_id'],
    [{ is_orphan: true, type: 'rpm', _id: { $gt: 'x' } }, 'is_orphan,type,_id'],
    [{ is_pending: true, created: { $lt: new Date(0) } }, 'is_pending,created'],
  ] as const) {
    it(`${JSON.stringify(filter)} is answered by ${index}`, () => {
      assert.equal(indexFor(filter), index);
    });
  }

  for (const filter of [ofType, { is_orphan: true, type: 'rpm' }, { 'artifact.sha256': 'x' }]) {
    it(`${JSON.stringify(filter)} is counted without a look at a unit`, () => {
      assert.notEqual(planCount(parseFilter(filter), indexes), undefined);
    });
  }
});
