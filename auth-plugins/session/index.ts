/**
 * `session: { roles, users }`: the certificate that `portcullis-admin login` brings, of a session that
 * is open, of a user in the store.
 */

import {
  type AccessRequest,
  type AuthorizerPlugin,
  type Decision,
  parseOptionsWith,
  provedCertificate,
  type StoredSessions,
} from 'portcullis/plugin';
import { z } from 'zod';

export interface SessionOptions {
  /** These may enter, and the members of the roles. One of the two lists names somebody. */
  readonly users: readonly string[];
  readonly roles: readonly string[];
}

/** Seconds an accepted session is remembered for at most, unless something of it changes before. */
const rememberSecondsMax = 60;

/** The longest name of a user or a role. */
const nameCharactersMax = 255;

/** The most users, and the most roles, of one rule. */
const namesMax = 1000;

function names(one: string) {
  const name = z
    .string(`has to be ${one}`)
    .min(1, 'is empty')
    .max(nameCharactersMax, `is longer than ${nameCharactersMax} characters`);
  return z
    .array(name, `has to be a list, each item ${one}`)
    .min(1, 'names nobody; leave it out instead')
    .max(namesMax, `has more than ${namesMax} items; name a role instead`)
    .optional();
}

const schema = z
  .strictObject(
    { users: names('the name of a user'), roles: names('the id of a role') },
    {
      error: ({ code, keys }) =>
        code === 'unrecognized_keys'
          ? `has no setting ${JSON.stringify(keys?.[0])}; there are users and roles`
          : 'has to be a map with users or roles of the store',
    },
  )
  .refine(({ users, roles }) => users !== undefined || roles !== undefined, {
    message: 'names nobody: it needs users or roles of the store',
  });

export const plugin: AuthorizerPlugin<SessionOptions> = {
  apiVersion: 1,
  name: 'session',
  summary: 'lets in users of the store by the certificates of their sessions',
  parseOptions,
  parseStoredOptions: parseOptions,

  async create(options, services) {
    const sessions = await services.openStoredSessions(options);
    return { authorize: (request) => authorize(request, sessions, services.now) };
  },
};

function parseOptions(raw: unknown): SessionOptions {
  const { users = [], roles = [] } = parseOptionsWith(schema, raw);
  return { users, roles };
}

async function authorize(
  { evidence }: AccessRequest,
  sessions: StoredSessions,
  now: () => Date,
): Promise<Decision> {
  const presented = provedCertificate(evidence);
  if ('unusable' in presented) return refuse(presented.unusable);
  const verdict = await sessions.verify(presented);
  if (verdict.outcome === 'refused') {
    return refuse(`the certificate opens no session here: ${verdict.reason}`);
  }
  const principal = { kind: 'user', name: verdict.user.login } as const;
  const seconds = Math.min(secondsUntil(verdict.until, now()), rememberSecondsMax);
  if (seconds <= 0) return { outcome: 'allow', principal };
  return { outcome: 'allow', principal, remember: { seconds, scope: 'distribution' } };
}

function secondsUntil(end: Date | undefined, now: Date): number {
  return end === undefined ? rememberSecondsMax : (end.getTime() - now.getTime()) / 1000;
}

function refuse(reason: string): Decision {
  return { outcome: 'deny', reason };
}
