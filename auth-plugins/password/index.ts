/**
 * `password: { file, users, overPlainHttp }`: a user name and password (RFC 7617) that are in an
 * htpasswd file.
 */

import {
  type AccessRequest,
  type AuthorizerPlugin,
  type Decision,
  type PasswordFile,
  parseOptionsWith,
  type Remember,
} from 'portcullis/plugin';
import { z } from 'zod';

export interface PasswordOptions {
  /** The htpasswd file. */
  readonly file: string;
  /** Who of the file may enter; everybody in it when absent. */
  readonly users?: readonly string[] | undefined;
  /** Whether passwords are taken that came over a connection that anybody can read. */
  readonly overPlainHttp: boolean;
}

/** A password may be changed in the file; until a restart the old one holds anyway. */
const remember: Remember = { seconds: 60, scope: 'distribution' };

const schema = z.strictObject(
  {
    file: z.string('has to be the path of an htpasswd file').min(1, 'is empty'),
    users: z
      .array(z.string('has to be a user name').min(1, 'is empty'), 'has to be a list of user names')
      .min(1, 'names nobody; leave it out to let in every user of the file')
      .optional(),
    overPlainHttp: z.boolean('has to be true or false').default(false),
  },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `has no setting ${JSON.stringify(keys?.[0])}; there are file, users and overPlainHttp`
        : 'has to be a map with the setting file',
  },
);

export const plugin: AuthorizerPlugin<PasswordOptions> = {
  apiVersion: 1,
  name: 'password',
  summary: 'lets in the users of an htpasswd file, by Basic authentication',
  parseOptions: (raw) => parseOptionsWith(schema, raw),

  async create(options, services) {
    const file = services.resolvePath(options.file);
    const passwords = await services.openPasswordFile(file);
    const stranger = options.users?.find((user) => !passwords.users.has(user));
    if (stranger !== undefined) {
      throw new Error(`users names ${JSON.stringify(stranger)}, who is not in ${file}`);
    }
    const admitted = new Set(options.users ?? passwords.users);
    return {
      authorize: (request, signal) => authorize(request, signal, { options, passwords, admitted }),
    };
  },
};

interface Rule {
  readonly options: PasswordOptions;
  readonly passwords: PasswordFile;
  readonly admitted: ReadonlySet<string>;
}

async function authorize(
  { evidence }: AccessRequest,
  signal: AbortSignal,
  { options, passwords, admitted }: Rule,
): Promise<Decision> {
  if (!evidence.secure && !options.overPlainHttp) {
    // Without a challenge: it would have the client send a password for everybody to read.
    return { outcome: 'deny', reason: 'passwords are not taken over plain HTTP' };
  }
  if (evidence.basic === undefined) return refuse('no user name and password were sent');
  const { user, password } = evidence.basic;
  // Verified before anything else is said of the user, so that all refusals take as long.
  const { address } = evidence;
  const verdict = await passwords.verify({ user, password, address }, signal);
  const name = JSON.stringify(user);
  if (verdict.outcome === 'too-many') return refuseForNow(name, verdict.retryAfterSeconds);
  if (!passwords.users.has(user)) return refuse(`there is no user ${name}`);
  if (verdict.outcome === 'wrong') return refuse(`the password of ${name} is wrong`);
  if (!admitted.has(user)) return refuse(`the rule does not name the user ${name}`);
  return { outcome: 'allow', principal: { kind: 'basic', name: user }, remember };
}

function refuseForNow(name: string, retryAfterSeconds: number): Decision {
  const reason = `too many wrong passwords were tried for ${name} or from its network`;
  return { outcome: 'deny', reason, retryAfterSeconds };
}

function refuse(reason: string): Decision {
  return { outcome: 'deny', reason, challenge: 'basic' };
}
