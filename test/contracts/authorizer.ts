/**
 * What every authorizer keeps to, as tests: our own plugins run it, and so can everybody's.
 * docs/plugins.md shows how.
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDecision } from '../../src/access/decision.ts';
import type { CanonicalPath, Evidence } from '../../src/model.ts';
import type { AccessRequest, Authorizer, AuthorizerPlugin, Services } from '../../src/plugin.ts';

export interface AuthorizerContract<Options> {
  readonly plugin: AuthorizerPlugin<Options>;
  /** Right options, as they stand under the rule's name in a policy. */
  readonly options: () => unknown;
  readonly services: () => Services;
  /** More options that are wrong, besides those that are wrong for every plugin. */
  readonly wrongOptions?: readonly unknown[];
  /** True when the rule needs no options at all. */
  readonly optionsAreOptional?: boolean;
  /** True when `options` let in a client that shows nothing: the rule is no protection. */
  readonly letsInStrangers?: boolean;
  /** Evidence that cannot be judged at all: the rule throws, so that no `not` makes a yes of it. */
  readonly cannotJudge?: (evidence: Partial<Evidence>) => boolean;
}

/** How long an authorizer may go on after its signal is aborted, in milliseconds. */
const abortMillisecondsMax = 2000;

export function testAuthorizer<Options>(contract: AuthorizerContract<Options>): void {
  const { plugin } = contract;
  const create = async (): Promise<Authorizer> =>
    plugin.create(plugin.parseOptions(contract.options()), contract.services());

  describe(`authorizer ${plugin.name}`, () => {
    it('says who it is', () => {
      assert.equal(plugin.apiVersion, 1);
      assert.match(plugin.name, /^[a-z][a-z0-9-]*$/);
      assert.match(plugin.summary, /^\S.{5,78}\S$/);
    });

    it('reads its options without changing them', () => {
      assert.doesNotThrow(() => plugin.parseOptions(deepFreeze(contract.options())));
    });

    it('refuses options of every wrong kind, and says why', () => {
      const wrong: unknown[] = [
        5,
        true,
        'text',
        [],
        [1],
        Symbol('x'),
        () => {},
        ...(contract.wrongOptions ?? []),
      ];
      if (!contract.optionsAreOptional) wrong.push(undefined, null, {});
      for (const raw of wrong) refuses(plugin, raw);
    });

    it('T57 refuses settings that it does not know, `__proto__` among them', () => {
      const right = contract.options();
      for (const name of ['unknown', '__proto__', 'constructor', 'toString', '']) {
        const extra = JSON.parse(`{ ${JSON.stringify(name)}: { "polluted": true } }`);
        const raw = Object.create(Object.prototype, {
          ...Object.getOwnPropertyDescriptors(right ?? {}),
          ...Object.getOwnPropertyDescriptors(extra),
        });
        refuses(plugin, raw);
      }
      assert.equal('polluted' in {}, false);
    });

    it('answers hostile evidence with a decision, and leaves the request as it was', async () => {
      const authorizer = await create();
      for (const evidence of hostileEvidence()) {
        const request = deepFreeze(requestWith(evidence));
        const before = structuredClone(request);
        const signal = new AbortController().signal;
        const answer = Promise.try(() => authorizer.authorize(request, signal));
        if (contract.cannotJudge?.(evidence)) {
          await assert.rejects(answer, Error);
          continue;
        }
        const decision = readDecision(await answer);
        assert.notEqual(decision.outcome, 'fault', JSON.stringify(decision));
        assert.deepEqual(structuredClone(request), before);
        if (decision.outcome === 'deny') assert.doesNotMatch(decision.reason, /\p{Cc}/u);
        if (!contract.letsInStrangers) assert.notEqual(decision.outcome, 'allow');
      }
      await authorizer.close?.();
    });

    it('settles what is charged, or says why not, whatever is sent for it', async () => {
      const authorizer = await create();
      const signal = new AbortController().signal;
      for (const charge of authorizer.settle === undefined ? [] : hostileNames) {
        const delivery = { request: deepFreeze(requestWith({})), bytes: 0 };
        const settlement = await authorizer.settle?.(charge, delivery, signal);
        assert.ok(settlement?.outcome === 'settled' || settlement?.outcome === 'refused');
        if (settlement.outcome === 'refused') assert.match(settlement.reason, /^[^\p{Cc}]+$/u);
      }
      await authorizer.close?.();
    });

    it('stops when its signal is aborted, before and while it works', async () => {
      const authorizer = await create();
      const request = deepFreeze(requestWith({ basic: { user: 'ann', password: 'x' } }));
      const controller = new AbortController();
      const start = performance.now();
      const working = Promise.try(() => authorizer.authorize(request, controller.signal));
      controller.abort(new Error('the time limit'));
      await working.catch(() => {});
      await Promise.try(() => authorizer.authorize(request, controller.signal)).catch(() => {});
      assert.ok(performance.now() - start < abortMillisecondsMax);
      await authorizer.close?.();
    });
  });
}

function refuses<Options>(plugin: AuthorizerPlugin<Options>, raw: unknown): void {
  assert.throws(
    () => plugin.parseOptions(raw),
    (error) => error instanceof Error && error.message !== '',
    `it accepted the options ${typeof raw === 'object' ? JSON.stringify(raw) : String(raw)}`,
  );
}

function requestWith(evidence: Partial<Evidence>): AccessRequest {
  return {
    method: 'GET',
    path: '/pulp/repos/acme/el9/repodata/repomd.xml' as CanonicalPath,
    distribution: 'acme/el9',
    pathInDistribution: '/repodata/repomd.xml',
    policyPath: '/',
    evidence: {
      address: undefined,
      secure: true,
      certificate: undefined,
      basic: undefined,
      bearer: undefined,
      query: undefined,
      remoteUser: undefined,
      ...evidence,
    },
  };
}

const hostileNames = ['', '__proto__', 'constructor', 'a\0b', 'a\r\nb', '\ud800', ':', '*', '$ne'];

/** What no honest client presents, one part at a time, and nothing at all. */
function hostileEvidence(): readonly Partial<Evidence>[] {
  const names = hostileNames;
  const addresses = [
    '',
    'unix:',
    'text',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
    '010.0.0.1',
    '1.2.3',
    '\0',
  ];
  const certificates = [[], [0x30], [0x30, 0x80, 0, 0], new Array<number>(60_000).fill(0x30)];
  const long = 'x'.repeat(100_000);
  return [
    {},
    { secure: false },
    ...addresses.map((address) => ({ address })),
    ...[...names, long].map((remoteUser) => ({ remoteUser })),
    ...[...names, long].map((user) => ({ basic: { user, password: 'x' } })),
    ...[...names, long].map((password) => ({ basic: { user: 'ann', password } })),
    ...[...names, long, 'a.b.c', '..'].map((bearer) => ({ bearer })),
    ...[...names, long].map((pathToken) => ({ pathToken })),
    ...[...names, long, 'a=1&a=2', '&'.repeat(60_000), '%', '%zz=%00'].map((query) => ({ query })),
    { certificate: { unusable: 'it holds a NUL character' } },
    ...certificates.flatMap((bytes) =>
      (['client', 'front', 'connection'] as const).map((vouchedBy) => ({
        certificate: {
          der: Uint8Array.from(bytes),
          fingerprint: '0'.repeat(64),
          intermediates: [Uint8Array.from(bytes)],
          vouchedBy,
        },
      })),
    ),
  ];
}

/** Bytes cannot be frozen; whether they changed is seen by comparing. */
function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
