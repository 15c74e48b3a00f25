/** A rule `jwt` that is asked, with the keys of its issuer in a file. */

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { plugin } from '../../../auth-plugins/jwt/index.ts';
import { accessRequest, evidence } from '../../support/evidence.ts';
import { testServices } from '../../support/services.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { issuedAt, issuer, makeKey, writeKeySet } from './token-fixture.ts';

export const directory = temporaryDirectory();
after(() => directory[Symbol.dispose]());

/** The key of the issuer, and one of somebody else under the same name. */
export const [key, other] = await Promise.all([makeKey('one'), makeKey('one')]);

/** The settings that every rule needs. */
export const required = {
  issuer,
  audience: 'portcullis',
  algorithms: ['ES256'],
  jwksFile: writeKeySet(directory.file('jwks.json'), key.jwk),
};

export interface Asked {
  readonly bearer?: string | undefined;
  readonly secure?: boolean;
  readonly distribution?: string;
  readonly pathInDistribution?: string;
  readonly now?: Date;
}

export async function decide(
  options: object,
  { now = issuedAt, bearer, secure = true, ...parts }: Asked,
) {
  const services = testServices(directory.path, () => now);
  const authorizer = await plugin.create(
    plugin.parseOptions({ ...required, ...options }),
    services,
  );
  const request = accessRequest({ ...parts, evidence: evidence({ bearer, secure }) });
  return authorizer.authorize(request, new AbortController().signal);
}

export async function allows(options: object, asked: Asked) {
  const decision = await decide(options, asked);
  assert.ok(decision.outcome === 'allow', JSON.stringify(decision));
  return decision;
}

export async function denies(options: object, asked: Asked, reason: RegExp): Promise<void> {
  const decision = await decide(options, asked);
  assert.ok(decision.outcome === 'deny', JSON.stringify(decision));
  assert.match(decision.reason, reason);
  const { outcome, reason: given, ...rest } = decision;
  assert.deepEqual(rest, challengeFor(given), `${outcome}: ${given}`);
}

/** No other token helps somebody whose token is good, and none is asked for where all can read it. */
function challengeFor(reason: string): object {
  if (reason === 'no Bearer token was sent') return { challenge: 'bearer' };
  return reason.startsWith('the token is not accepted') ? { challenge: 'invalid-token' } : {};
}
