import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type CompilerParts, createRuleIds, PolicyCompiler } from '../../src/access/compile.ts';
import { builtInPluginNames, loadPlugins } from '../../src/access/plugins.ts';
import type { Policy } from '../../src/access/policy.ts';
import { createLogger } from '../../src/log.ts';
import type { PolicyNode } from '../../src/model.ts';
import type { AuthorizerPlugin, Services } from '../../src/plugin.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const fixtures = path.join(import.meta.dirname, '../fixtures/plugins');
const load = (modules: string[], rules: string[] = [], base = fixtures) =>
  loadPlugins(new Set(rules), modules, base);

describe('loadPlugins', () => {
  test('loadPlugins() loads of the built-in plugins only those that a policy names', async () => {
    const { plugins, problems } = await load([], ['public', 'address']);
    assert.deepEqual([...plugins.keys()].sort(), ['address', 'public']);
    assert.deepEqual(problems, []);
  });

  test('loadPlugins() loads every built-in plugin without a problem', async () => {
    const names = builtInPluginNames();
    assert.ok(names.length >= 5);
    const { plugins, problems } = await load([], [...names]);
    assert.deepEqual(problems, []);
    assert.deepEqual([...plugins.keys()].sort(), [...names]);
  });

  test('loadPlugins() loads a path relative to the configuration', async () => {
    const { plugins, problems } = await load(['./good.ts']);
    assert.deepEqual(problems, []);
    assert.equal(plugins.get('good')?.name, 'good');
  });

  test('loadPlugins() loads an npm package from beside the configuration', async () => {
    using directory = temporaryDirectory();
    const home = directory.file('node_modules/@acme/portcullis-ldap');
    mkdirSync(home, { recursive: true });
    writeFileSync(path.join(home, 'package.json'), '{"type":"module","exports":"./index.js"}');
    writeFileSync(
      path.join(home, 'index.js'),
      'export const plugin = { apiVersion: 1, name: "ldap", parseOptions() {}, create() {} };',
    );
    const { plugins, problems } = await load(['@acme/portcullis-ldap'], [], directory.path);
    assert.deepEqual(problems, []);
    assert.equal(plugins.get('ldap')?.name, 'ldap');
  });

  const refused: readonly [string, RegExp][] = [
    ['./missing.ts', /there is no file/],
    ['no-such-package', /there is no package "no-such-package"; install it with npm in \//],
    ['./throws-at-load.ts', /this plugin cannot be loaded/],
    ['./no-export.ts', /no export named `plugin`/],
    ['./old-version.ts', /apiVersion is not 1/],
    ['./takes-a-name.ts', /comes with Portcullis/],
    ['./named-any.ts', /combines rules/],
  ];
  for (const [specifier, message] of refused) {
    test(`T60 loadPlugins() reports ${specifier} and does not skip it`, async () => {
      const { problems } = await load(['./good.ts', specifier]);
      assert.equal(problems.length, 1);
      assert.equal(problems[0]?.at, 'plugins[1]');
      assert.match(problems[0]?.message ?? '', message);
    });
  }

  test('loadPlugins() reports the second of two plugins with one name', async () => {
    const { problems } = await load(['./good.ts', './good.ts']);
    assert.match(problems[0]?.message ?? '', /"good" is there already/);
  });
});

describe('PolicyCompiler', () => {
  const services = {} as Services;
  const rule = (name: string, at: string, options?: unknown): PolicyNode => ({
    type: 'rule',
    name,
    options,
    at,
  });

  function compilerOf(
    plugins: CompilerParts['plugins'],
    servicesFor: CompilerParts['servicesFor'] = () => ({ services, basis: () => 0 }),
  ) {
    const policyOf = (name: string, at: string): Policy => ({ type: 'unusable', at, reason: name });
    return new PolicyCompiler({
      plugins,
      servicesFor,
      policyOf,
      optionsOf: (plugin, raw) => plugin.parseOptions(raw),
      nextRuleId: createRuleIds(),
    });
  }

  async function compile(node: PolicyNode) {
    const { plugins } = await load(['./good.ts', './not-an-authorizer.ts']);
    await using compiler = compilerOf(plugins);
    return { policy: await compiler.compile(node), problems: compiler.problems };
  }

  test('compile() gathers every problem of a tree, each with its place', async () => {
    const { policy, problems } = await compile({
      type: 'any',
      at: 'access',
      children: [
        rule('good', 'access.any[0]'),
        rule('good', 'access.any[1].good', 'bad'),
        rule('nothing', 'access.any[2].nothing'),
        { type: 'not', at: 'access.any[3]', child: rule('hollow', 'access.any[3].not.hollow') },
      ],
    });
    assert.equal(policy, undefined);
    assert.deepEqual(
      problems.map((problem) => problem.at),
      ['access.any[1].good', 'access.any[2].nothing', 'access.any[3].not.hollow'],
    );
  });

  test('T59 compile() gives no policy while a rule in it is missing, even under `not`', async () => {
    const { policy } = await compile({ type: 'not', at: 'access', child: rule('gone', 'x') });
    assert.equal(policy, undefined);
  });

  test('compile() gives every rule an id of its own, so that memories never meet', async () => {
    const { policy } = await compile({
      type: 'all',
      at: 'access',
      children: [rule('good', 'a'), rule('good', 'b')],
    });
    const ids = policy?.type === 'all' ? policy.children.map((c) => c.type === 'rule' && c.id) : [];
    assert.equal(new Set(ids).size, 2);
  });

  test('T60 [Symbol.asyncDispose]() closes every authorizer, whatever the others do in it', async () => {
    const closings: Readonly<Record<string, () => unknown>> = {
      fine: () => {},
      throws: () => {
        throw new Error('boom');
      },
      rejects: () => Promise.reject(new Error('boom')),
      hangs: () => new Promise(() => {}),
    };
    const closed: string[] = [];
    const lines: string[] = [];
    const log = createLogger({ level: 'info', write: (line) => lines.push(line) });
    const plugin = {
      create: (name: string) => ({
        authorize: () => ({ outcome: 'abstain' }),
        close: () => {
          closed.push(name);
          return closings[name]?.();
        },
      }),
      parseOptions: (raw: unknown) => raw,
    } as unknown as AuthorizerPlugin;
    const rulesOf = () => ({ services: { log } as Services, basis: () => 0 });
    const compiler = compilerOf(new Map([['odd', plugin]]), rulesOf);
    for (const name of ['fine', 'throws', 'rejects', 'hangs']) {
      await compiler.compile(rule('odd', name, name));
    }
    await compiler[Symbol.asyncDispose]();
    assert.deepEqual(closed, ['hangs', 'rejects', 'throws', 'fine']);
    const reasons = lines.map((line) => JSON.parse(line).reason);
    assert.deepEqual(reasons, ['it was not closed within 2 s', 'boom', 'boom']);
  });
});
