/** A distributor that a client wants: read, and given a place where it is served. */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { DistributionClaim } from '../../repositories/distribution-claim.ts';
import type { Distributions } from '../../repositories/distributions.ts';
import type { Distributor, JsonObject } from '../../repositories/documents.ts';
import { relativeUrlProblem } from '../../repositories/place.ts';
import type { NewDistributor } from '../../repositories/repository-parts.ts';
import { type Claimed, claimAll, claimOf } from '../../repository-tasks/distributor-place.ts';
import { invalidValue, refusedValue } from '../failures.ts';
import { Failure } from '../outcome.ts';
import { configuredNear, type Places } from '../places.ts';
import { storableObject } from '../storable-object.ts';
import { quoted } from '../value-problem.ts';
import { newDistributorIdProblem } from './names.ts';
import { readDistributor } from './plugin-config.ts';

export const newDistributorBody = z.strictObject({
  distributor_type_id: z.string(),
  distributor_config: storableObject.nullish(),
  distributor_id: z.string().nullish(),
  auto_publish: z.boolean().nullish(),
});

export function readNewDistributor(
  body: z.output<typeof newDistributorBody>,
): NewDistributor | Failure {
  const id = body.distributor_id ?? randomUUID();
  const problem = newDistributorIdProblem(id);
  if (problem !== undefined) return invalidValue('distributor_id', problem);
  const read = readDistributor(body.distributor_type_id, body.distributor_config ?? {});
  if (read instanceof Failure) return read;
  return {
    id,
    distributor_type_id: read.type.id,
    config: read.config,
    auto_publish: body.auto_publish ?? false,
  };
}

/** Takes the places of distributors that are about to be added to a repository. */
export async function claimPlaces(
  repository: string,
  distributors: readonly NewDistributor[],
  distributions: Distributions,
  places: Places,
): Promise<readonly Claimed[] | Failure> {
  const claims = distributors.flatMap((each) => claimOf(repository, each) ?? []);
  for (const claim of claims) {
    const problem = relativeUrlProblem(claim.relative_url);
    if (problem !== undefined) return invalidValue('relative_url', problem);
    const refusal = configuredPlace(claim, places);
    if (refusal !== undefined) return refusal;
  }
  const result = await claimAll(claims, distributions);
  return 'claimed' in result ? result.claimed : takenPlace(result.claim, result.taken);
}

/** @param sent a configuration that was read. @returns why the distributor cannot be served where it says */
export function movedPlaceRefusal(
  repository: string,
  present: Pick<Distributor, 'id' | 'distributor_type_id' | 'config'>,
  config: JsonObject,
  places: Places,
): Failure | undefined {
  const wanted = claimOf(repository, { ...present, config });
  const held = claimOf(repository, present);
  // What is there may be changed, also where the configuration has come to serve something since.
  if (wanted === undefined || (held !== undefined && isSamePlace(wanted, held))) return undefined;
  return configuredPlace(wanted, places);
}

function isSamePlace(one: DistributionClaim, other: DistributionClaim): boolean {
  return one.area === other.area && one.relative_url === other.relative_url;
}

/** What the configuration serves would hide it, wholly or in part. */
function configuredPlace(claim: DistributionClaim, places: Places): Failure | undefined {
  const near = configuredNear(claim, places);
  if (near === undefined) return undefined;
  const text = `The relative URL ${quoted(claim.relative_url)} is not free: the configuration serves ${quoted(near)}.`;
  return refusedValue('relative_url', text);
}

function takenPlace(
  claim: Pick<DistributionClaim, 'relative_url'>,
  by: Pick<DistributionClaim, 'relative_url' | 'repository'>,
): Failure {
  const [wanted, there] = [quoted(claim.relative_url), quoted(by.relative_url)];
  const text = `The relative URL ${wanted} is not free: the repository ${quoted(by.repository)} has ${there}.`;
  return refusedValue('relative_url', text);
}
