/**
 * What is served where. No two distributions are at places of which one is above the other, by whole
 * segments: whoever wants a place writes its claim first, then looks for others, and gives it back if there
 * is one. So of two at once none or one has its place, and never both.
 *
 * A distributor is added to its repository after its claim. A claim that was left behind by the death of a
 * process serves nothing, and goes with {@link Distributions.releaseAbandoned}.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { PortcullisError } from '../errors.ts';
import type { Document } from '../stores/document.ts';
import { everything, type Filter } from '../stores/filter.ts';
import { parseFilter, where } from '../stores/parse-filter.ts';
import type { Store } from '../stores/store.ts';
import {
  type ClaimResult,
  claimedAs,
  type DistributionClaim,
  isSameDistributor,
  type PointResult,
} from './distribution-claim.ts';
import { inOrder } from './distribution-order.ts';
import { type DistributionDocument, distributionsCollection } from './documents.ts';
import { holdPlace } from './hold-place.ts';
import { overlapping, relativeUrlProblem } from './place.ts';
import { type Pointer, pointedTo } from './pointer.ts';

/** The longest that a claim waits before it is made again, in milliseconds. */
const retryMsMax = 256;

export class Distributions {
  readonly #store: Store;
  readonly #now: () => Date;

  constructor(store: Store, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /** @param id `AREA:RELATIVE_URL` */
  async byId(id: string): Promise<DistributionDocument | undefined> {
    const document = await this.#store.get(distributionsCollection, id);
    return document as unknown as DistributionDocument | undefined;
  }

  /** All there are, also those that serve nothing yet. */
  all(): Promise<readonly DistributionDocument[]> {
    return this.#find(everything);
  }

  /** @param distributor undefined for those of all its distributors */
  ofRepository(repository: string, distributor?: string): Promise<readonly DistributionDocument[]> {
    return this.#find(where({ repository, ...(distributor !== undefined && { distributor }) }));
  }

  /**
   * Takes a place, or changes what is served at one that the distributor has. What it points to stays.
   * It may be repeated after an error.
   *
   * @throws PortcullisError DOCUMENT_INVALID for a relative URL that no place has
   */
  async claim(claim: DistributionClaim): Promise<ClaimResult> {
    const problem = relativeUrlProblem(claim.relative_url);
    if (problem !== undefined) {
      throw new PortcullisError('DOCUMENT_INVALID', `Cannot take a relative URL: ${problem}`);
    }
    for (let pauseMsMax = 1; ; pauseMsMax = Math.min(2 * pauseMsMax, retryMsMax)) {
      const held = await holdPlace(claim, this.#store, this.#now());
      if (held.outcome === 'taken' || held.distribution.is_established) return held;
      const by = await this.#anotherAt(claim);
      if (by !== undefined) {
        if (held.isNew) await this.release(held.distribution);
        return { outcome: 'taken', by };
      }
      const established = await this.#establish(held.distribution);
      if (established !== undefined) return claimedAs(established, held.isNew);
      // Two claims of one distributor would go on to change each other's for ever, in step.
      await sleep(Math.random() * pauseMsMax);
    }
  }

  /**
   * Takes a place as {@link claim}, takes over what the distributor's other places point to, and gives those
   * up. For a moment both are served.
   */
  async move(claim: DistributionClaim): Promise<ClaimResult> {
    const result = await this.claim(claim);
    if (result.outcome === 'taken') return result;
    const all = await this.ofRepository(claim.repository, claim.distributor);
    const others = all.filter(({ _id }) => _id !== result.distribution._id);
    const served = others.find(({ publication }) => publication !== null);
    const distribution = await this.#takeOver(result.distribution, served);
    await this.#removeAll(others);
    return { ...result, distribution };
  }

  /** Gives a claim back, unless it was changed since. What was served there is not any more. */
  async release({ _id, _version }: DistributionDocument): Promise<void> {
    await this.#store.remove(distributionsCollection, _id, _version);
  }

  /** @param distributor undefined for those of all its distributors */
  async releaseAll(repository: string, distributor?: string): Promise<void> {
    await this.#removeAll(await this.ofRepository(repository, distributor));
  }

  /**
   * Gives back claims that serve nothing, and that belong to no distributor.
   *
   * @param isDistributor whether the repository has the distributor at this moment
   * @param before the time since which nobody may have claimed: others may be about to add their distributor
   */
  async releaseAbandoned(
    isDistributor: (repository: string, distributor: string) => Promise<boolean>,
    before: Date,
  ): Promise<void> {
    const unserved = parseFilter({ publication: null, claimed: { $lt: before } });
    for (const distribution of await this.#find(unserved)) {
      const { repository, distributor } = distribution;
      if (!(await isDistributor(repository, distributor))) await this.release(distribution);
    }
  }

  /**
   * Points a distribution to another publication, in one change. The one before is still read where the new
   * one has nothing, for `graceSeconds`. It may be repeated.
   *
   * @param directory the tree that is served as it lies, in place of the files of the publication
   */
  async pointTo(
    id: string,
    publication: string,
    graceSeconds: number,
    directory: string | null = null,
  ): Promise<PointResult> {
    const now = this.#now();
    const result = await inOrder(this.#store, id, (order) =>
      this.#store.update(distributionsCollection, id, (document) => {
        const before = document as unknown as Pointer;
        const pointer = pointedTo(before, publication, graceSeconds, now);
        return { ...document, ...pointer, directory, order };
      }),
    );
    if (result.outcome !== 'updated') return { outcome: 'missing' };
    return {
      outcome: 'pointed',
      distribution: result.document as unknown as DistributionDocument,
    };
  }

  async #find(filter: Filter): Promise<readonly DistributionDocument[]> {
    const documents = await this.#store.find(distributionsCollection, { filter });
    return documents as unknown as readonly DistributionDocument[];
  }

  /** Another distributor at the place of a claim, above it or below it. */
  async #anotherAt(claim: DistributionClaim): Promise<DistributionDocument | undefined> {
    for (const filter of overlapping(claim)) {
      const others = await this.#find(filter);
      const by = others.find((other) => !isSameDistributor(other, claim));
      if (by !== undefined) return by;
    }
    return undefined;
  }

  /**
   * From now on nobody else can have a place above or below: whoever tries finds this one.
   *
   * @returns undefined when somebody changed the claim meanwhile
   */
  async #establish({ _id, _version }: DistributionDocument): Promise<Document | undefined> {
    const change = { $set: { is_established: true } };
    const result = await this.#store.update(distributionsCollection, _id, change, _version);
    return result.outcome === 'updated' ? result.document : undefined;
  }

  async #takeOver(
    distribution: DistributionDocument,
    served: DistributionDocument | undefined,
  ): Promise<DistributionDocument> {
    if (served === undefined || distribution.publication !== null) return distribution;
    const { publication, directory, earlier } = served;
    const { _id } = distribution;
    const result = await inOrder(this.#store, _id, (order) =>
      this.#store.update(distributionsCollection, _id, {
        $set: { publication, directory, earlier, order },
      }),
    );
    if (result.outcome !== 'updated') return distribution;
    return result.document as unknown as DistributionDocument;
  }

  async #removeAll(distributions: readonly DistributionDocument[]): Promise<void> {
    const ids = distributions.map(({ _id }) => _id);
    await this.#store.removeMany(distributionsCollection, ids);
  }
}
