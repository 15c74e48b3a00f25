/** Makes policies that can be evaluated from policies as they were written. */

import { messageOf } from '../errors.ts';
import type { PolicyNode, Problem, RuleNode } from '../model.ts';
import type { Authorizer, AuthorizerPlugin, Services } from '../plugin.ts';
import type { RuleId } from './memory.ts';
import { withinStartLimit, withinStopLimit } from './plugins.ts';
import type { Basis, Policy, Rule } from './policy.ts';

/** What one rule is given, and what it then decides by. */
export interface RuleServices {
  readonly services: Services;
  readonly basis: Basis;
}

/** The names of all rules that stand in a policy itself. */
export function ruleNames(node: PolicyNode): readonly string[] {
  switch (node.type) {
    case 'rule':
      return [node.name];
    case 'policy':
      return [];
    case 'not':
      return ruleNames(node.child);
    default:
      return node.children.flatMap(ruleNames);
  }
}

/** The policy of a name as it is at the moment; one that is unusable where there is none. */
export type PolicyOf = (name: string, at: string) => Policy;

export interface CompilerParts {
  readonly plugins: ReadonlyMap<string, AuthorizerPlugin>;
  readonly servicesFor: (plugin: string) => RuleServices;
  readonly policyOf: PolicyOf;
  /** What stands under the name of a rule, checked. Throws what a plugin throws. */
  readonly optionsOf: (plugin: AuthorizerPlugin, raw: unknown) => unknown;
  /** Never gives the same twice in a process: what is remembered is remembered for an id. */
  readonly nextRuleId: () => RuleId;
}

/** Whole numbers from 1 on. */
export function createRuleIds(): () => RuleId {
  let last = 0;
  return () => {
    last += 1;
    return last;
  };
}

/**
 * Compiles policies one after another, and gathers every problem on the way. While there are
 * problems, nothing that came of it may be served.
 */
export class PolicyCompiler implements AsyncDisposable {
  readonly problems: Problem[] = [];
  readonly #parts: CompilerParts;
  readonly #rules: Rule[] = [];

  constructor(parts: CompilerParts) {
    this.#parts = parts;
  }

  /** The rules that were made so far. */
  get ruleIds(): readonly RuleId[] {
    return this.#rules.map(({ id }) => id);
  }

  /** Undefined when a rule in it could not be made; {@link problems} says why. */
  async compile(node: PolicyNode): Promise<Policy | undefined> {
    switch (node.type) {
      case 'rule':
        return this.#compileRule(node);
      case 'policy': {
        const { name, at } = node;
        return { type: 'policy', at, name, current: () => this.#parts.policyOf(name, at) };
      }
      case 'not': {
        const child = await this.compile(node.child);
        return child && { type: 'not', at: node.at, child };
      }
      default: {
        const children: Policy[] = [];
        for (const written of node.children) {
          const child = await this.compile(written);
          if (child !== undefined) children.push(child);
        }
        return children.length === node.children.length
          ? { type: node.type, at: node.at, children }
          : undefined;
      }
    }
  }

  /**
   * Closes the authorizers, the last one made first. One that cannot be closed is logged: it keeps
   * neither the others from being closed, nor the program from its end.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { authorizer, name, at } of this.#rules.splice(0).reverse()) {
      try {
        await withinStopLimit(Promise.try(() => authorizer.close?.()));
      } catch (error) {
        const { log } = this.#parts.servicesFor(name).services;
        log.error('A rule could not be closed', { at, reason: messageOf(error) });
      }
    }
  }

  async #compileRule(node: RuleNode): Promise<Policy | undefined> {
    const plugin = this.#parts.plugins.get(node.name);
    if (plugin === undefined) {
      this.#report(node, `there is no rule "${node.name}" (or its plugin could not be loaded)`);
      return undefined;
    }
    try {
      const { services, basis } = this.#parts.servicesFor(plugin.name);
      const authorizer = await withinStartLimit(this.#create(plugin, node, services));
      const id = this.#parts.nextRuleId();
      const rule: Rule = { type: 'rule', id, name: node.name, at: node.at, authorizer, basis };
      this.#rules.push(rule);
      return rule;
    } catch (error) {
      this.#report(node, messageOf(error));
      return undefined;
    }
  }

  async #create(
    plugin: AuthorizerPlugin,
    { options }: RuleNode,
    services: Services,
  ): Promise<Authorizer> {
    const authorizer = await plugin.create(this.#parts.optionsOf(plugin, options), services);
    if (typeof authorizer?.authorize !== 'function') {
      throw new Error(`the plugin ${plugin.name} made something without an authorize function`);
    }
    return authorizer;
  }

  #report(node: RuleNode, message: string): void {
    this.problems.push({ at: node.at, message });
  }
}
