/** The rule `certificate` with revocation lists, and what it says of a certificate. */

import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { plugin } from '../../auth-plugins/certificate/index.ts';
import { fingerprintOf } from '../../src/identity/certificate.ts';
import type { Decision } from '../../src/plugin.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import type { Credential, Pki } from '../support/pki.ts';
import { type TestServices, testServices } from '../support/services.ts';

/** Time in which what has to come has come, on machines that do other work: milliseconds. */
const comesWithinMs = 30_000;

export interface RuleUnderTest extends AsyncDisposable {
  readonly services: TestServices;
  decide(credential: Credential, ...sent: readonly Credential[]): Promise<Decision>;
  allows(credential: Credential, ...sent: readonly Credential[]): Promise<string>;
  denies(expected: RegExp, credential: Credential, ...sent: readonly Credential[]): Promise<string>;
  /** It cannot tell, and says why. */
  faults(expected: RegExp, credential: Credential, ...sent: readonly Credential[]): Promise<string>;
}

/** @param options of the rule, whose files are those of `pki` */
export async function openRule(
  pki: Pki,
  options: object,
  now: () => Date = () => new Date(),
): Promise<RuleUnderTest> {
  const services = testServices(pki.directory, now);
  const rule = await plugin.create(plugin.parseOptions({ ca: 'ca.pem', ...options }), services);
  const decide = async (credential: Credential, ...sent: readonly Credential[]) => {
    const certificate = {
      der: credential.der,
      fingerprint: fingerprintOf(credential.der),
      intermediates: sent.map(({ der }) => der),
      vouchedBy: 'front' as const,
    };
    const request = accessRequest({ evidence: evidence({ certificate }) });
    return rule.authorize(request, new AbortController().signal);
  };
  return {
    services,
    decide,
    allows: async (...certificates) => {
      const decision = await decide(...certificates);
      assert.ok(decision.outcome === 'allow', JSON.stringify(decision));
      return decision.principal?.label ?? '';
    },
    denies: async (expected, ...certificates) => {
      const decision = await decide(...certificates);
      assert.ok(decision.outcome === 'deny', JSON.stringify(decision));
      assert.match(decision.reason, expected);
      return decision.reason;
    },
    faults: async (expected, ...certificates) => {
      const failure = await decide(...certificates).then(JSON.stringify, (error: Error) => error);
      assert.ok(failure instanceof Error, String(failure));
      assert.equal('code' in failure && failure.code, 'CANNOT_DECIDE');
      assert.match(failure.message, expected);
      return failure.message;
    },
    [Symbol.asyncDispose]: () => services.revocation[Symbol.asyncDispose](),
  };
}

/** Puts a file in the place of another, whole. */
export function replaceFile(file: string, content: Uint8Array | string): void {
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

/** Waits until `attempt` throws no more. */
export async function eventually<Result>(attempt: () => Result | Promise<Result>): Promise<Result> {
  const start = performance.now();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() - start > comesWithinMs) throw error;
      await sleep(20);
    }
  }
}
