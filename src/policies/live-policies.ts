/**
 * The policies of the store as they are at this moment, made ready to be evaluated. A change is in force
 * within the published time. What cannot be known or made lets nobody in, and says why (T59).
 */

import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { PolicyAt } from '../access/path-policies.ts';
import type { Policy } from '../access/policy.ts';
import { treesIn } from '../config/access-trees.ts';
import { PolicyNames } from '../config/policy-references.ts';
import type { Logger } from '../log.ts';
import type { PolicyNode } from '../model.ts';
import { Outage } from '../stores/outage.ts';
import type { Store } from '../stores/store.ts';
import { countsStill, type Watch, watchStore } from '../stores/watch.ts';
import { storedAccess, storedPolicies } from './documents.ts';
import type { LiveTreeParts } from './live-tree.ts';
import { LiveTrees, type Stale } from './live-trees.ts';
import type { Made } from './live-value.ts';
import { byPath, mapMade, nobody, onlyOf, placeOf, unusable } from './made.ts';
import { Ongoing } from './ongoing.ts';
import { StoredTexts } from './stored-texts.ts';
import { asObject, readAccess, readPolicy, type WrittenAccess } from './written-tree.ts';

/** Makes policies of trees, in their order. @throws Error that names every problem */
export type MakePolicies = (trees: readonly PolicyNode[]) => Promise<Made<readonly Policy[]>>;

export interface LivePoliciesParts {
  readonly store: Store;
  /** The policies of the configuration by name; they go before those of the store. */
  readonly configured: ReadonlyMap<string, PolicyNode>;
  readonly make: MakePolicies;
  /** Takes what nobody asks any more. */
  readonly retire: (made: Made<unknown>) => void;
  /** How long they count while the store is away, in seconds. */
  readonly outageSeconds: number;
  readonly log: Logger;
  /** Of the store alone. */
  readonly storeLog: Logger;
  /** Milliseconds of a clock that never jumps (T97). */
  readonly monotonicNow?: () => number;
}

/** Trees that are begun before requests have their turn. */
const batchTrees = 50;

export class LivePolicies implements AsyncDisposable {
  readonly #parts: LivePoliciesParts;
  readonly #now: () => number;
  readonly #named: LiveTrees<PolicyNode, Policy>;
  readonly #access: LiveTrees<WrittenAccess, PolicyAt>;
  readonly #namedTexts: StoredTexts;
  readonly #accessTexts: StoredTexts;
  readonly #watch: Watch;
  readonly #first = Promise.withResolvers<void>();
  readonly #making = new Ongoing();
  readonly #outage: Outage;

  constructor(parts: LivePoliciesParts) {
    this.#parts = parts;
    this.#now = parts.monotonicNow ?? (() => performance.now());
    this.#named = new LiveTrees((name) => this.#partsOfPolicy(name));
    this.#access = new LiveTrees((distribution) => this.#partsOfAccess(distribution));
    this.#namedTexts = new StoredTexts(parts.store, storedPolicies, '_id');
    this.#accessTexts = new StoredTexts(parts.store, storedAccess, 'distribution');
    this.#outage = new Outage({
      ...{ log: parts.storeLog, outageSeconds: parts.outageSeconds },
      begun: 'The store does not answer: its policies count for a while as they were',
      over: 'The store answers again: its policies are as it has them',
    });
    this.#watch = watchStore(parts.store, {
      collections: [storedPolicies, storedAccess],
      onChange: () => this.#follow(),
      onFailure: (error) => this.#miss(error),
      onCurrent: () => this.#recover(),
    });
  }

  /** Resolves once all was read and made or the store has failed to answer; and after `seconds`. */
  async ready(seconds: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, seconds * 1000);
    await Promise.race([this.#first.promise.then(() => this.#making.settled()), late]);
    clearTimeout(timer);
  }

  /** The policy of a name, for where it stands in another. */
  policyOf(name: string, at: string): Policy {
    const reason = this.#whyUnknown();
    if (reason !== undefined) return unusable(at, reason);
    const current = this.#named.current(name);
    if (current === undefined) return unusable(at, `there is no policy "${name}"`);
    return 'value' in current
      ? current.value
      : unusable(at, `the policy "${name}" cannot be used: ${current.reason}`);
  }

  /** The policies of a distribution: `otherwise` while the store does not say whose. */
  accessOf(distribution: string, otherwise: PolicyAt = nobody): PolicyAt {
    const at = placeOf(distribution);
    return (path) => {
      const reason = this.#whyUnknown();
      if (reason !== undefined) return { policyPath: '/', policy: unusable(at, reason) };
      const current = this.#access.current(distribution);
      if (current === undefined) return otherwise(path);
      if ('value' in current) return current.value(path);
      const why = `the access that the store has for it cannot be used: ${current.reason}`;
      return { policyPath: '/', policy: unusable(at, why) };
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
    await this.#making.settled();
    this.#named.end();
    this.#access.end();
  }

  #whyUnknown(): string | undefined {
    const { currentAt } = this.#watch;
    if (countsStill(currentAt, this.#now(), this.#parts.outageSeconds)) return undefined;
    return this.#outage.reason === undefined
      ? 'the policies of the store are not read yet'
      : `the store, which has the policy, does not answer (${this.#outage.reason})`;
  }

  /** Reads what there is. What it leads to goes on by itself, so that nothing waits for a slow rule. */
  async #follow(): Promise<void> {
    const noticedAt = this.#now();
    const [named, access] = [await this.#namedTexts.read(), await this.#accessTexts.read()];
    const isFewer = named.size < this.#named.size;
    const staleNamed = this.#named.take(named);
    const staleAccess = this.#access.take(access);
    // Where no name changed, the others refer to what they referred to.
    this.#judge(isFewer || staleNamed.length > 0 ? undefined : new Set(staleAccess));
    const stale = [...staleNamed, ...staleAccess];
    for (const [index, tree] of stale.entries()) {
      if (index % batchTrees === batchTrees - 1) await yieldToOthers();
      this.#making.add(tree.make(noticedAt));
    }
    const counts = { policies: named.size, distributions: access.size, changed: stale.length };
    this.#parts.log.info('The policies of the store were read', counts);
    this.#first.resolve();
  }

  #partsOfPolicy(name: string): LiveTreeParts<PolicyNode, Policy> {
    const { make, retire } = this.#parts;
    return {
      read: (raw) => readPolicy(raw, `policy ${name} in the store`),
      make: async (tree) => mapMade(await make([tree]), onlyOf),
      retire,
      now: this.#now,
      onFailure: (reason) => this.#complain({ policy: name, reason }),
    };
  }

  #partsOfAccess(distribution: string): LiveTreeParts<WrittenAccess, PolicyAt> {
    const { make, retire } = this.#parts;
    return {
      read: (raw) => readAccess(asObject(raw), placeOf(distribution)),
      make: async (tree) => mapMade(await make(treesIn(tree)), (made) => byPath(tree, made)),
      retire,
      now: this.#now,
      onFailure: (reason) => this.#complain({ distribution, reason }),
    };
  }

  /** What refers to a policy that is not there, or leads in a circle, is none: whatever else is in it. */
  #judge(some: ReadonlySet<Stale> | undefined): void {
    const names = new PolicyNames(new Map([...this.#named.written(), ...this.#parts.configured]));
    this.#named.judge((name, tree) => names.problemOfNamed(name, tree)?.message);
    this.#access.judge((_, tree) => {
      const [problem] = treesIn(tree).flatMap((one) => names.problemOf(one) ?? []);
      return problem?.message;
    }, some);
  }

  #complain(what: { readonly [key: string]: string }): void {
    const message = 'A policy of the store cannot be used: whom it would decide about gets 503';
    this.#parts.log.error(message, what);
  }

  #miss(error: unknown): void {
    this.#outage.begin(error);
    this.#first.resolve();
  }

  #recover(): void {
    this.#outage.end();
    const retries = [...this.#named.retries(), ...this.#access.retries()];
    for (const tree of retries) this.#making.add(tree.make(this.#now()));
  }
}
