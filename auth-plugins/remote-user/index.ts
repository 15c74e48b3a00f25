/**
 * `remote-user: { users, realms, anybody }`: the user whom the front has authenticated, with
 * Kerberos, LDAP or what else it can. Only a listener that trusts its front with it says who that is.
 */

import {
  type AccessRequest,
  type AuthorizerPlugin,
  type Decision,
  parseOptionsWith,
} from 'portcullis/plugin';
import { z } from 'zod';

export interface RemoteUserOptions {
  /** Whole names, as the front says them. */
  readonly users: ReadonlySet<string>;
  readonly realms: readonly Realm[];
  /** Whoever the front has authenticated. */
  readonly anybody: boolean;
}

interface Realm {
  readonly name: string;
  /** Whether the realms below it are meant, and not itself: it was written as `*.EXAMPLE.COM`. */
  readonly isAbove: boolean;
}

/** The longest name that a rule looks at, in UTF-16 code units. */
export const userCharactersMax = 1024;

const controlCharacter = /\p{Cc}/u;
const label = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const realmName = new RegExp(`^${label}(?:\\.${label})*$`);

const schema = z.strictObject(
  {
    users: z
      .array(
        z
          .string('has to be a user name')
          .min(1, 'is empty')
          .max(userCharactersMax, `is over ${userCharactersMax} characters`)
          .refine((name) => !controlCharacter.test(name), 'has a control character'),
        'has to be a list of user names',
      )
      .min(1, 'names nobody')
      .optional(),
    realms: z
      .array(
        z.string('has to be a realm').transform(parseRealm),
        'has to be a list of realms, as EXAMPLE.COM or "*.EXAMPLE.COM"',
      )
      .min(1, 'names no realm')
      .optional(),
    anybody: z.literal(true, 'has to be true, or left out').optional(),
  },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `has no setting ${JSON.stringify(keys?.[0])}; there are users, realms and anybody`
        : 'has to be a map of users, realms and anybody',
  },
);

export const plugin: AuthorizerPlugin<RemoteUserOptions> = {
  apiVersion: 1,
  name: 'remote-user',
  summary: 'lets in users whom the front has authenticated, by name or realm',
  parseOptions,
  parseStoredOptions: parseOptions,

  create(options) {
    return { authorize: (request) => decide(request, options) };
  },
};

function parseOptions(raw: unknown): RemoteUserOptions {
  const { users, realms, anybody = false } = parseOptionsWith(schema, raw);
  const isNarrow = users !== undefined || realms !== undefined;
  if (isNarrow === anybody) {
    throw new Error(
      anybody
        ? 'anybody says it all: leave out users and realms, or anybody'
        : 'it has to say who: set users or realms, or anybody: true',
    );
  }
  return { users: new Set(users), realms: realms ?? [], anybody };
}

function decide({ evidence }: AccessRequest, options: RemoteUserOptions): Decision {
  const user = evidence.remoteUser;
  // The front did not say it. A denial would be an allow under `not`, for everybody.
  if (user === undefined || user === '') return { outcome: 'abstain' };
  if (user.length > userCharactersMax) {
    return refuse(`the front names a user of over ${userCharactersMax} characters`);
  }
  if (controlCharacter.test(user)) {
    return refuse('the front names a user with a control character in the name');
  }
  if (!isAdmitted(user, options)) {
    return refuse(`the rule does not name the user ${JSON.stringify(user)} or a realm of theirs`);
  }
  return { outcome: 'allow', principal: { kind: 'remote-user', name: user } };
}

function isAdmitted(user: string, { users, realms, anybody }: RemoteUserOptions): boolean {
  if (anybody || users.has(user)) return true;
  const [name, realm, ...more] = user.split('@');
  // A service of Kerberos is `host/name@REALM`: it is no person, and let in only by its whole name.
  const isPerson = name !== '' && !name?.includes('/') && more.length === 0;
  return isPerson && realm !== undefined && realms.some((known) => isOf(realm, known));
}

/** Letter by letter: realms of Kerberos differ by the case of their letters (RFC 4120 section 6.1). */
function isOf(realm: string, { name, isAbove }: Realm): boolean {
  if (!isAbove) return realm === name;
  return realmName.test(realm) && realm.endsWith(`.${name}`);
}

function refuse(reason: string): Decision {
  return { outcome: 'deny', reason };
}

function parseRealm(text: string, context: z.RefinementCtx): Realm {
  const isAbove = text.startsWith('*.');
  const name = isAbove ? text.slice(2) : text;
  if (!realmName.test(name)) {
    context.addIssue({
      code: 'custom',
      message: 'is no realm, as EXAMPLE.COM, or "*.EXAMPLE.COM" for those below it',
    });
  }
  return { name, isAbove };
}
