/** The distributions of the store that are in memory, by their ids, paths and distributors. */

import type { Served } from '../content/decide.ts';
import { PublishedTree } from '../content/published-tree.ts';
import type { Resolved } from '../content/resolve.ts';
import type { CanonicalPath } from '../model.ts';
import type { Stale } from '../policies/live-trees.ts';
import type { Area, DistributionDocument } from '../repositories/documents.ts';
import { LiveDistribution, type LiveDistributionParts } from './live-distribution.ts';

/** A document as it was read, and when that reading began: a later one counts. */
interface Taken {
  readonly live: LiveDistribution;
  readonly readAt: number;
}

export class DistributionIndex {
  readonly #prefixes: Readonly<Record<Area, string>>;
  readonly #byId = new Map<string, Taken>();
  readonly #byPath = new PublishedTree<LiveDistribution>();
  readonly #byDistributor = new Map<string, LiveDistribution>();

  /** @param prefixes of each area; each begins and ends with `/` */
  constructor(prefixes: Readonly<Record<Area, string>>) {
    this.#prefixes = prefixes;
  }

  get size(): number {
    return this.#byId.size;
  }

  resolve(path: CanonicalPath): Resolved<Served> | undefined {
    const found = this.#byPath.deepest(path);
    return (
      found && {
        distribution: found.value.served,
        pathInDistribution: path.slice(found.length) || '/',
      }
    );
  }

  /** The names right below a path, each with where something is served there; undefined where nothing is. */
  below(path: string): ReadonlyMap<string, Iterable<string>> | undefined {
    return this.#byPath.below(path);
  }

  ofDistributor(repository: string, distributor: string): DistributionDocument | undefined {
    return this.#byDistributor.get(distributorKey(repository, distributor))?.document;
  }

  /**
   * @param readAt when the reading of the document began
   * @returns what has to be made anew before somebody can be let in by it
   */
  take(
    document: DistributionDocument,
    readAt: number,
    parts: LiveDistributionParts,
  ): Stale | undefined {
    const { _id: id, repository, distributor } = document;
    const taken = this.#byId.get(id);
    if (taken !== undefined && taken.readAt > readAt) return undefined;
    const live = taken?.live ?? new LiveDistribution(document, parts);
    this.#forgetDistributor(live);
    const stale = live.take(document);
    this.#byId.set(id, { live, readAt });
    // A claim of a place serves nothing, and hides nothing.
    if (document.publication === null) this.#byPath.delete(this.#pathOf(document));
    else this.#byPath.set(this.#pathOf(document), live);
    this.#byDistributor.set(distributorKey(repository, distributor), live);
    return stale;
  }

  /** @param readAt as of {@link take} */
  drop(id: string, readAt: number): void {
    const taken = this.#byId.get(id);
    if (taken === undefined || taken.readAt > readAt) return;
    const { live } = taken;
    live.end();
    this.#byId.delete(id);
    this.#byPath.delete(this.#pathOf(live.document));
    this.#forgetDistributor(live);
  }

  /** What could not be made, and should be tried again by now. */
  retries(): readonly Stale[] {
    return [...this.#byId.values()].flatMap(({ live }) => live.retry ?? []);
  }

  end(): void {
    for (const { live } of this.#byId.values()) live.end();
  }

  #forgetDistributor(live: LiveDistribution): void {
    const key = distributorKey(live.document.repository, live.document.distributor);
    if (this.#byDistributor.get(key) === live) this.#byDistributor.delete(key);
  }

  #pathOf({ area, relative_url }: DistributionDocument): string {
    return `${this.#prefixes[area]}${relative_url}`;
  }
}

function distributorKey(repository: string, distributor: string): string {
  return `${repository}\0${distributor}`;
}
