/** The policies of the store, followed: what is in force, and what happens while it cannot be. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evaluate } from '../../src/access/evaluate.ts';
import { createAskRule, type Policy } from '../../src/access/policy.ts';
import { createLogger } from '../../src/log.ts';
import type { PolicyNode } from '../../src/model.ts';
import type { Authorizer } from '../../src/plugin.ts';
import { policyCollections } from '../../src/policies/documents.ts';
import { LivePolicies } from '../../src/policies/live-policies.ts';
import {
  exchangeMilliseconds,
  type Made,
  retryMilliseconds,
} from '../../src/policies/live-value.ts';
import type { Store } from '../../src/stores/store.ts';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import { open } from '../contracts/store-fixture.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { accessRequest } from '../support/evidence.ts';
import { until } from '../support/processes.ts';

const yes = 'public';
const no = { not: 'public' };

/** What rules of these tests do; others cannot be made. */
const rules: Readonly<Record<string, Authorizer['authorize']>> = {
  public: () => ({ outcome: 'allow' }),
};

interface SiteOptions {
  readonly configured?: Readonly<Record<string, PolicyNode>>;
  readonly outageSeconds?: number;
}

class Site implements AsyncDisposable {
  readonly store: Store;
  readonly live: LivePolicies;
  readonly lines: Readonly<Record<string, unknown>>[] = [];
  readonly closed: string[] = [];
  /** Rules named `slow` are made once this resolves. */
  gate = Promise.withResolvers<void>();
  /** Rules named `flaky` cannot be made while this is set. */
  isBroken = false;
  clock = 0;
  #order = 0;
  readonly #stack: AsyncDisposableStack;

  constructor(
    store: Store,
    stack: AsyncDisposableStack,
    { configured = {}, outageSeconds = 3600 }: SiteOptions,
  ) {
    this.store = store;
    const log = createLogger({
      level: 'debug',
      write: (line) => this.lines.push(JSON.parse(line)),
    });
    this.live = stack.use(
      new LivePolicies({
        store,
        configured: new Map(Object.entries(configured)),
        make: (trees) => this.#make(trees),
        retire: (made) => void made[Symbol.asyncDispose](),
        outageSeconds,
        log,
        storeLog: log,
        monotonicNow: () => performance.now() + this.clock,
      }),
    );
    this.#stack = stack;
  }

  static async start(options: SiteOptions = {}): Promise<Site> {
    const stack = new AsyncDisposableStack();
    const host = stack.use(await sqliteHost());
    const store = stack.use(await open(host.settings(), { collections: policyCollections }));
    return new Site(store, stack, options);
  }

  async setPolicy(name: string, tree: unknown): Promise<void> {
    await this.#set('policies', { _id: name }, tree);
  }

  async setAccess(distribution: string, access: unknown, paths: unknown = []): Promise<void> {
    await this.#set('distribution_access', { _id: distribution, distribution }, { access, paths });
  }

  async setText(distribution: string, tree: string): Promise<void> {
    this.#order += 1;
    const fields = { tree, order: this.#order };
    await this.store.update('distribution_access', distribution, { $set: fields });
  }

  async outcome(distribution = 'a', path = '/'): Promise<string> {
    const { policy } = this.live.accessOf(distribution)(path);
    const verdict = await evaluate(policy, accessRequest(), createAskRule(1000));
    return verdict.outcome === 'allow' ? 'allow' : `${verdict.outcome}: ${verdict.reason}`;
  }

  async becomes(expected: RegExp, distribution = 'a', path = '/'): Promise<void> {
    let last = '';
    const isSo = async (): Promise<boolean> => {
      last = await this.outcome(distribution, path);
      return expected.test(last);
    };
    await until(`it becomes ${expected}`, isSo).catch((cause) => {
      throw new Error(`it is ${last}`, { cause });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.gate.resolve();
    await this.#stack.disposeAsync();
  }

  async #set(
    collection: string,
    key: { readonly _id: string; readonly distribution?: string },
    value: unknown,
  ): Promise<void> {
    this.#order += 1;
    const tree = JSON.stringify(value);
    const fields = { tree, order: this.#order, uses: [], by: 'ann', changed: new Date() };
    await this.store.remove(collection, key._id);
    await this.store.insert(collection, { ...key, ...fields });
  }

  async #make(trees: readonly PolicyNode[]): Promise<Made<readonly Policy[]>> {
    const value = await Promise.all(trees.map((tree) => this.#policyOf(tree)));
    const names = trees.map(({ at }) => at);
    return { value, [Symbol.asyncDispose]: async () => void this.closed.push(...names) };
  }

  async #policyOf(node: PolicyNode): Promise<Policy> {
    switch (node.type) {
      case 'policy':
        return { ...node, current: () => this.live.policyOf(node.name, node.at) };
      case 'not':
        return { ...node, child: await this.#policyOf(node.child) };
      case 'rule': {
        if (node.name === 'slow') await this.gate.promise;
        const authorize =
          rules[node.name === 'slow' || node.name === 'flaky' ? 'public' : node.name];
        if (authorize === undefined || (node.name === 'flaky' && this.isBroken)) {
          throw new Error(`the rule ${node.name} is gone`);
        }
        return { ...node, id: 1, authorizer: { authorize }, basis: () => 0 };
      }
      default:
        return {
          ...node,
          children: await Promise.all(node.children.map((child) => this.#policyOf(child))),
        };
    }
  }
}

describe('LivePolicies', () => {
  test('T59 nobody gets in before the store was read, and nobody where it says nothing', async () => {
    await using site = await Site.start();
    assert.match(await site.outcome(), /^fault: the policies of the store are not read yet$/);
    await site.live.ready(10);
    assert.match(await site.outcome(), /^deny: the distribution has no policy/);
  });

  test('T67 access that is given, changed or taken is followed', async () => {
    await using site = await Site.start();
    await site.live.ready(10);
    for (const [access, expected] of [
      [yes, /^allow/],
      [no, /^deny/],
      [{ any: [no, yes] }, /^allow/],
      [null, /^deny: the distribution has no policy/],
    ] as const) {
      await site.setAccess('a', access);
      await site.becomes(expected);
    }
    await site.setAccess('a', yes);
    await site.becomes(/^allow/);
    await site.store.remove('distribution_access', 'a');
    await site.becomes(/^deny: the distribution has no policy/);
  });

  test('a document that was removed and made anew is another, though its version is the first', async () => {
    await using site = await Site.start();
    await site.setAccess('a', yes);
    await site.becomes(/^allow/);
    await site.store.remove('distribution_access', 'a');
    await site.setAccess('a', no);
    await site.becomes(/^deny/);
  });

  test("paths of a stored access decide alone, and what lies in none is nobody's", async () => {
    await using site = await Site.start();
    await site.setAccess('a', null, [{ path: 'open', access: yes }]);
    await site.becomes(/^allow/, 'a', '/open/x');
    assert.match(await site.outcome('a', '/x'), /^deny/);
  });

  test('a change of a policy with a name reaches all who refer to it', async () => {
    await using site = await Site.start();
    await site.setPolicy('staff', yes);
    await site.setAccess('a', { policy: 'staff' });
    await site.setAccess('b', { not: { policy: 'staff' } });
    await site.becomes(/^allow/, 'a');
    await site.setPolicy('staff', no);
    await site.becomes(/^deny/, 'a');
    await site.becomes(/^allow/, 'b');
  });

  test('T59 a policy that goes takes nobody in: not under `not`, not beside what allows', async () => {
    await using site = await Site.start();
    await site.setPolicy('staff', no);
    await site.setAccess('a', { not: { policy: 'staff' } });
    await site.setAccess('b', { any: ['public', { policy: 'staff' }] });
    await site.becomes(/^allow/, 'a');
    await site.becomes(/^allow/, 'b');
    await site.store.remove('policies', 'staff');
    await site.becomes(/^fault: .*there is none of that name/, 'a');
    await site.becomes(/^fault: .*there is none of that name/, 'b');
    await site.setPolicy('staff', no);
    await site.becomes(/^allow/, 'a');
  });

  test('names that lead in a circle are a fault of all that they lead to, and of nothing else', async () => {
    await using site = await Site.start();
    await site.setAccess('other', yes);
    await site.setAccess('a', { policy: 'one' });
    await site.setPolicy('one', { policy: 'two' });
    await site.setPolicy('two', { not: { policy: 'one' } });
    await site.becomes(/^fault: .*leads back to itself/, 'a');
    await site.becomes(/^allow/, 'other');
  });

  test('the policies of the configuration go before those of the store', async () => {
    const at = 'policies.staff';
    const staff: PolicyNode = { type: 'rule', name: 'public', options: undefined, at };
    await using site = await Site.start({ configured: { staff } });
    await site.setAccess('a', { policy: 'staff' });
    await site.live.ready(10);
    // Its own maker knows the configured ones; here the name is judged to be there.
    await site.becomes(/^fault: there is no policy "staff"$/);
  });

  test('T59 what cannot be made is a fault with its reason, in the log too, and is tried again', async () => {
    await using site = await Site.start();
    site.isBroken = true;
    await site.setAccess('a', { any: ['flaky', 'public'] });
    await site.becomes(/^fault: .*the rule flaky is gone/);
    const complaint = site.lines.find(({ level }) => level === 'error');
    assert.equal(complaint?.distribution, 'a');
    assert.match(String(complaint?.reason), /the rule flaky is gone/);
    site.isBroken = false;
    assert.match(await site.outcome(), /^fault/);
    site.clock += retryMilliseconds;
    await site.becomes(/^allow/);
  });

  test('T67 while its successor is being made, what was before ends with the published time', async () => {
    await using site = await Site.start();
    await site.setAccess('a', yes);
    await site.setAccess('b', yes);
    await site.becomes(/^allow/, 'a');
    await site.setAccess('a', { not: 'slow' });
    await site.becomes(/^fault: .*it is being made ready/, 'a');
    // Nothing else waits for it.
    await site.setAccess('b', no);
    await site.becomes(/^deny/, 'b');
    site.gate.resolve();
    await site.becomes(/^deny/, 'a');
    assert.ok(exchangeMilliseconds < changeReachesWithinMilliseconds);
  });

  test('what was replaced is closed, and what was given up while it was made', async () => {
    await using site = await Site.start();
    await site.setAccess('a', 'slow');
    await site.becomes(/^fault: .*being made ready/);
    await site.setAccess('a', yes);
    await site.becomes(/^allow/);
    site.gate.resolve();
    await until('the slow one is closed', () => site.closed.some((at) => at.endsWith('.slow')));
    await site.store.remove('distribution_access', 'a');
    await until('the other one is closed', () => site.closed.some((at) => at.endsWith('.public')));
  });

  test('T59 a document that makes no sense is a fault', async () => {
    await using site = await Site.start();
    await site.setAccess('a', { any: [] });
    await site.becomes(/^fault: .*a list of at least one node under any/);
    await site.setText('a', '{');
    await site.becomes(/^fault: .*its text cannot be read/);
    await site.setText('a', '[]');
    await site.becomes(/^fault: .*it is no mapping/);
  });

  test('T59 while the store is away they count for the bounded time, and then nobody gets in', async () => {
    await using site = await Site.start({ outageSeconds: 2 });
    await site.setAccess('a', yes);
    await site.becomes(/^allow/);
    await site.store.close();
    await until('it is told', () => site.lines.some(({ level }) => level === 'warn'));
    await site.becomes(/^fault: the store, which has the policy, does not answer/);
  });
});
