/** One distribution of the store, as it is served at this moment. */

import path from 'node:path';
import type { PolicyAt } from '../access/path-policies.ts';
import type { Policy } from '../access/policy.ts';
import type { Served } from '../content/decide.ts';
import type { Publication, Refreshed } from '../content/published.ts';
import { pathInside } from '../content/real-directories.ts';
import type { PolicyNode } from '../model.ts';
import { LiveTree, type LiveTreeParts } from '../policies/live-tree.ts';
import type { Stale } from '../policies/live-trees.ts';
import { unusable } from '../policies/made.ts';
import type { DistributionDocument } from '../repositories/documents.ts';

export interface LiveDistributionParts {
  /** The parent of all publications. */
  readonly publicationsDirectory: string;
  /** Below which directories a tree may be served as it lies; absolute. */
  readonly directoryRoots: readonly string[];
  readonly treeParts: (at: string) => LiveTreeParts<PolicyNode, Policy>;
  /** The policies of the store for a relative URL, and where it has none, others. */
  readonly accessOf: (relativeUrl: string, otherwise: PolicyAt) => PolicyAt;
  /** Where neither the store nor the distributor says who may read it; undefined: nobody. */
  readonly usualPolicy: Policy | undefined;
  /** Why it is not known what the store has; undefined while it is. */
  readonly whyUnknown: () => string | undefined;
  /** What the store has by now; `unknown` while it does not answer. */
  readonly readFresh: (id: string) => Promise<DistributionDocument | undefined | 'unknown'>;
  readonly now: () => Date;
}

export class LiveDistribution {
  readonly #parts: LiveDistributionParts;
  #document: DistributionDocument;
  #served: Served;
  /** Made of `access`; undefined where that says nothing. */
  #tree: LiveTree<PolicyNode, Policy> | undefined;

  /** Has to be told of its document once more, by `take`, to be made ready. */
  constructor(document: DistributionDocument, parts: LiveDistributionParts) {
    this.#parts = parts;
    this.#document = document;
    this.#served = this.#serve();
  }

  get document(): DistributionDocument {
    return this.#document;
  }

  get served(): Served {
    return this.#served;
  }

  /** What has to be tried again by now. */
  get retry(): Stale | undefined {
    return this.#tree?.isRetryDue === true ? this.#tree : undefined;
  }

  /** @returns what has to be made anew before somebody can be let in by it */
  take(document: DistributionDocument): Stale | undefined {
    const { access } = document;
    // What let somebody in to one repository says nothing of another at the same place.
    if (access === null || !isSamePublisher(document, this.#document)) {
      this.#tree?.end();
      this.#tree = undefined;
    }
    this.#document = document;
    let stale: Stale | undefined;
    if (access !== null) {
      this.#tree ??= new LiveTree(this.#parts.treeParts(this.#place));
      if (this.#tree.take(access)) stale = this.#tree;
    }
    this.#served = this.#serve();
    return stale;
  }

  end(): void {
    this.#tree?.end();
  }

  get #place(): string {
    const { repository, distributor } = this.#document;
    return `access of the distributor ${distributor} of ${repository}`;
  }

  /** One snapshot: whom its policies let in gets its publications, and no others. */
  #serve(): Served {
    const document = this.#document;
    const { relative_url: relativeUrl, repository, http, https, directory } = document;
    const { publicationsDirectory } = this.#parts;
    const published = {
      publications: () => this.#publicationsOf(document),
      refresh: () => this.#refresh(document),
    };
    return {
      relativeUrl,
      root: directory ?? publicationsDirectory,
      listing: false,
      stored: {
        ...{ repository, http: http === true, https: https === true },
        published: directory === null ? published : undefined,
      },
      policyAt: this.#policyAt(document),
    };
  }

  #policyAt({ relative_url: relativeUrl, directory }: DistributionDocument): PolicyAt {
    const { whyUnknown, directoryRoots } = this.#parts;
    const at = this.#place;
    const isOutside = directory !== null && !isBelowOne(directory, directoryRoots);
    const outside = isOutside
      ? `its directory ${directory} is below none of repositories.directoryRoots`
      : undefined;
    const told = this.#parts.accessOf(relativeUrl, this.#derivedAt());
    return (asked) => {
      const reason = outside ?? whyUnknown();
      return reason === undefined ? told(asked) : { policyPath: '/', policy: unusable(at, reason) };
    };
  }

  #derivedAt(): PolicyAt {
    const tree = this.#tree;
    const at = this.#place;
    const { usualPolicy } = this.#parts;
    return () => {
      if (tree === undefined) return { policyPath: '/', policy: usualPolicy };
      const current = tree.current();
      const policy =
        'value' in current
          ? current.value
          : unusable(at, `what the distributor says of it cannot be used: ${current.reason}`);
      return { policyPath: '/', policy };
    };
  }

  #publicationsOf({ publication, earlier }: DistributionDocument): readonly Publication[] {
    const now = this.#parts.now();
    const ids = [
      ...(publication === null ? [] : [publication]),
      ...earlier.filter(({ until }) => until > now).map((one) => one.publication),
    ];
    return [...new Set(ids)].map((id) => ({
      id,
      directory: path.join(this.#parts.publicationsDirectory, id),
    }));
  }

  async #refresh(decided: DistributionDocument): Promise<Refreshed> {
    const fresh = await this.#parts.readFresh(decided._id);
    // While the store is away, what is in memory counts.
    if (fresh === 'unknown')
      return { outcome: 'known', publications: this.#publicationsOf(decided) };
    if (fresh === undefined) return { outcome: 'gone' };
    const isSame = isSamePublisher(fresh, decided) && isSameAccess(fresh, decided);
    return isSame
      ? { outcome: 'known', publications: this.#publicationsOf(fresh) }
      : { outcome: 'changed' };
  }
}

/** Whether a path without `.` and `..` segments is one of the roots or below it, by whole segments (T24). */
function isBelowOne(directory: string, roots: readonly string[]): boolean {
  const isPlain = path.resolve(directory) === directory;
  return isPlain && roots.some((root) => pathInside(root, directory) !== undefined);
}

function isSamePublisher(one: DistributionDocument, other: DistributionDocument): boolean {
  return one.repository === other.repository && one.distributor === other.distributor;
}

function isSameAccess(one: DistributionDocument, other: DistributionDocument): boolean {
  return one.access === other.access && one.http === other.http && one.https === other.https;
}
