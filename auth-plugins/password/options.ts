/** The settings of a `password` rule: of a file, or of the store. */

import { parseOptionsWith } from 'portcullis/plugin';
import { z } from 'zod';

export interface FileOptions {
  readonly source: 'file';
  /** The htpasswd file. */
  readonly file: string;
  /** Who of the file may enter; everybody in it when absent. */
  readonly users: readonly string[] | undefined;
  readonly overPlainHttp: boolean;
}

/** The users and the members of the roles may enter. One of the two lists names somebody. */
export interface StoreOptions {
  readonly source: 'store';
  readonly users: readonly string[];
  readonly roles: readonly string[];
  readonly overPlainHttp: boolean;
}

/** `overPlainHttp`: whether passwords are taken that came over a connection that anybody can read. */
export type PasswordOptions = FileOptions | StoreOptions;

export function parseOptions(raw: unknown): PasswordOptions {
  const { file, users, roles, overPlainHttp } = parseOptionsWith(schema, raw);
  if (file !== undefined) return { source: 'file', file, users, overPlainHttp };
  return { source: 'store', users: users ?? [], roles: roles ?? [], overPlainHttp };
}

/** Of the store's users alone: an htpasswd file is one of the host. */
export function parseStoredOptions(raw: unknown): PasswordOptions {
  const options = parseOptions(raw);
  if (options.source === 'store') return options;
  throw new Error(
    'file names a file of the host, which no policy may that is set over the API; name users and roles of the store',
  );
}

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
    {
      file: z.string('has to be the path of an htpasswd file').min(1, 'is empty').optional(),
      users: names('the name of a user'),
      roles: names('the id of a role'),
      overPlainHttp: z.boolean('has to be true or false').default(false),
    },
    {
      error: ({ code, keys }) =>
        code === 'unrecognized_keys'
          ? `has no setting ${JSON.stringify(keys?.[0])}; there are file, users, roles and overPlainHttp`
          : 'has to be a map with the setting file, or with users and roles of the store',
    },
  )
  .superRefine(({ file, users, roles }, context) => {
    if (file === undefined && users === undefined && roles === undefined) {
      const message =
        'names nobody: it needs the setting file (an htpasswd file), or users or roles of the store';
      context.addIssue({ code: 'custom', message });
    }
    if (file !== undefined && roles !== undefined) {
      const message = 'are of the store, and the rule goes by a file; leave out one of the two';
      context.addIssue({ code: 'custom', message, path: ['roles'] });
    }
  });
