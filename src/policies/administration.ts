/** Reads and checks what shall be saved of policies, against the configuration and all that is saved. */

import type { PluginShelf } from '../access/plugin-shelf.ts';
import { treesIn } from '../config/access-trees.ts';
import type { Configuration } from '../config/configuration.ts';
import { isLeftToStore } from '../config/left-to-store.ts';
import type { PolicyNode, Problem } from '../model.ts';
import {
  namesLeadingTo,
  problemsOfNamed,
  problemsOfReferences,
  problemsOfRules,
} from './check-trees.ts';
import { treeBytesMax } from './documents.ts';
import type { NewTree, PolicyUsers, StoredPolicies } from './stored-policies.ts';
import {
  asObject,
  namesIn,
  parseTree,
  type ReadTree,
  readAccess,
  readPolicy,
  type WrittenAccess,
} from './written-tree.ts';

export interface AdministrationParts {
  readonly stored: StoredPolicies;
  readonly configuration: Pick<Configuration, 'policies' | 'distributions'>;
  readonly shelf: PluginShelf;
  /** The relative URLs of what repositories publish, or all at which they may; absent: they publish nothing. */
  readonly published?: {
    readonly has: (relativeUrl: string) => Promise<boolean>;
    readonly all: () => Promise<readonly string[]>;
  };
}

/** What can be saved, or every problem with its place. */
export type Checked<Tree> =
  | (Omit<NewTree, 'by'> & { readonly read: Tree })
  | { readonly problems: readonly Problem[] };

/** Who says who may read a distribution. */
export type AccessSource = 'configuration' | 'store';

export class PolicyAdministration {
  readonly stored: StoredPolicies;
  /** The policies of the configuration by name. */
  readonly configured: ReadonlyMap<string, PolicyNode>;
  readonly #configured: ReadonlyMap<string, AccessSource>;
  readonly #parts: AdministrationParts;

  constructor(parts: AdministrationParts) {
    const { policies, distributions } = parts.configuration;
    this.#parts = parts;
    this.stored = parts.stored;
    this.configured = new Map(policies.map(({ name, access }) => [name, access]));
    this.#configured = new Map(
      distributions.map((distribution) => [
        distribution.relativeUrl,
        isLeftToStore(distribution) ? 'store' : 'configuration',
      ]),
    );
  }

  /** Who says who may read a distribution; undefined for one that there is not. */
  async sourceOf(distribution: string): Promise<AccessSource | undefined> {
    const configured = this.#configured.get(distribution);
    if (configured !== undefined) return configured;
    return (await this.#parts.published?.has(distribution)) === true ? 'store' : undefined;
  }

  /** All distributions, of the configuration and of repositories. */
  async sources(): Promise<ReadonlyMap<string, AccessSource>> {
    const published = (await this.#parts.published?.all()) ?? [];
    const ofStore = published.map((relativeUrl): [string, AccessSource] => [relativeUrl, 'store']);
    return new Map([...ofStore, ...this.#configured]);
  }

  /** @param raw what shall be the policy of `name`, from now on */
  async checkPolicy(name: string, raw: unknown): Promise<Checked<PolicyNode>> {
    const read = readPolicy(raw, 'access');
    if ('problems' in read) return read;
    const { tree } = read;
    const named = await this.#named();
    const others = new Map([...named, ...this.configured]);
    return this.#checked(
      raw,
      tree,
      [tree],
      [
        ...problemsOfNamed(name, tree, others),
        ...(await this.#problemsOfUsers(name, tree, others)),
      ],
    );
  }

  /** @param raw what shall be the access of a distribution */
  async checkAccess(raw: Readonly<Record<string, unknown>>): Promise<Checked<WrittenAccess>> {
    const read: ReadTree<WrittenAccess> = readAccess(raw, '');
    if ('problems' in read) return read;
    const trees = treesIn(read.tree);
    const named = new Map([...(await this.#named()), ...this.configured]);
    return this.#checked(raw, read.tree, trees, problemsOfReferences(trees, named));
  }

  /** Who refers to a policy, in the configuration and in the store. */
  async usersOf(name: string): Promise<PolicyUsers> {
    const { policies, distributions } = this.#parts.configuration;
    const stored = await this.stored.usersOf([name]);
    const refers = (trees: readonly PolicyNode[]): boolean => namesIn(trees).includes(name);
    const inPolicies = policies.filter(({ access }) => refers([access]));
    const inDistributions = distributions.filter((distribution) => refers(treesIn(distribution)));
    return {
      policies: [...inPolicies.map((policy) => policy.name), ...stored.policies],
      distributions: [
        ...inDistributions.map(({ relativeUrl }) => relativeUrl),
        ...stored.distributions,
      ],
    };
  }

  async #checked<Tree>(
    raw: unknown,
    read: Tree,
    trees: readonly PolicyNode[],
    problems: readonly Problem[],
  ): Promise<Checked<Tree>> {
    const text = JSON.stringify(raw);
    const tooLarge = {
      at: 'access',
      message: `Cannot save it: it is longer than ${treeBytesMax} bytes of JSON`,
    };
    const found = [
      ...(Buffer.byteLength(text) > treeBytesMax ? [tooLarge] : []),
      ...(await problemsOfRules(trees, this.#parts.shelf)),
      ...problems,
    ];
    return found.length > 0 ? { problems: found } : { tree: text, uses: namesIn(trees), read };
  }

  /** What is stored and cannot be read refers to nothing and is referred to in vain. */
  async #named(): Promise<ReadonlyMap<string, PolicyNode>> {
    const named = new Map<string, PolicyNode>();
    for (const { _id, tree } of await this.stored.all()) {
      const read = parseTree(tree, (raw) => readPolicy(raw, `policies.${_id}`));
      if ('tree' in read) named.set(_id, read.tree);
    }
    return named;
  }

  /** Those who can be used now, and could not be any more: the change would close them. */
  async #problemsOfUsers(
    name: string,
    tree: PolicyNode,
    before: ReadonlyMap<string, PolicyNode>,
  ): Promise<readonly Problem[]> {
    const after = new Map(before).set(name, tree);
    const uses = new Map([...before].map(([other, one]) => [other, namesIn([one])]));
    const leading = namesLeadingTo(name, uses);
    const closes = (trees: readonly PolicyNode[]): string | undefined =>
      problemsOfReferences(trees, before).length > 0
        ? undefined
        : problemsOfReferences(trees, after)[0]?.message;
    const { distributions } = await this.stored.usersOf([...leading]);
    const problems: Problem[] = [];
    for (const distribution of distributions) {
      const access = await this.stored.accessOf(distribution);
      const read = access && parseTree(access.tree, (raw) => readAccess(asObject(raw), ''));
      const message = read && 'tree' in read ? closes(treesIn(read.tree)) : undefined;
      if (message === undefined) continue;
      const at = 'access';
      problems.push({ at, message: `Cannot save it: ${distribution} refers to it; ${message}` });
    }
    return problems;
  }
}
