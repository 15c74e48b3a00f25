/** Makes policies that can be evaluated from policies as they were written. */

import { messageOf } from '../errors.ts';
import type { PolicyNode, Problem, RuleNode } from '../model.ts';
import type { Authorizer, AuthorizerPlugin, Services } from '../plugin.ts';
import { withinStartLimit, withinStopLimit } from './plugins.ts';
import type { Basis, Policy, Rule } from './policy.ts';

/** What one rule is given, and what it then decides by. */
export interface RuleServices {
  readonly services: Services;
  readonly basis: Basis;
}

/** The names of all rules in a policy. */
export function ruleNames(node: PolicyNode): readonly string[] {
  switch (node.type) {
    case 'rule':
      return [node.name];
    case 'not':
      return ruleNames(node.child);
    default:
      return node.children.flatMap(ruleNames);
  }
}

/**
 * Compiles policies one after another, and gathers every problem on the way. While there are
 * problems, nothing that came of it may be served.
 */
export class PolicyCompiler implements AsyncDisposable {
  readonly problems: Problem[] = [];
  readonly #plugins: ReadonlyMap<string, AuthorizerPlugin>;
  readonly #servicesFor: (plugin: string) => RuleServices;
  readonly #rules: Rule[] = [];

  constructor(
    plugins: ReadonlyMap<string, AuthorizerPlugin>,
    servicesFor: (plugin: string) => RuleServices,
  ) {
    this.#plugins = plugins;
    this.#servicesFor = servicesFor;
  }

  /** Undefined when a rule in it could not be made; {@link problems} says why. */
  async compile(node: PolicyNode): Promise<Policy | undefined> {
    switch (node.type) {
      case 'rule':
        return this.#compileRule(node);
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
        const { log } = this.#servicesFor(name).services;
        log.error('A rule could not be closed', { at, reason: messageOf(error) });
      }
    }
  }

  async #compileRule(node: RuleNode): Promise<Policy | undefined> {
    const plugin = this.#plugins.get(node.name);
    if (plugin === undefined) {
      this.#report(node, `there is no rule "${node.name}" (or its plugin could not be loaded)`);
      return undefined;
    }
    try {
      const { services, basis } = this.#servicesFor(plugin.name);
      const authorizer = await withinStartLimit(create(plugin, node.options, services));
      const id = this.#rules.length + 1;
      const rule: Rule = { type: 'rule', id, name: node.name, at: node.at, authorizer, basis };
      this.#rules.push(rule);
      return rule;
    } catch (error) {
      this.#report(node, messageOf(error));
      return undefined;
    }
  }

  #report(node: RuleNode, message: string): void {
    this.problems.push({ at: node.at, message });
  }
}

async function create(
  plugin: AuthorizerPlugin,
  raw: unknown,
  services: Services,
): Promise<Authorizer> {
  const authorizer = await plugin.create(plugin.parseOptions(raw), services);
  if (typeof authorizer?.authorize !== 'function') {
    throw new Error(`the plugin ${plugin.name} made something without an authorize function`);
  }
  return authorizer;
}
