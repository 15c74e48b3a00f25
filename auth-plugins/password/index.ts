/**
 * `password: { file, users, overPlainHttp }` or `password: { roles, users, overPlainHttp }`: a user
 * name and password (RFC 7617) of an htpasswd file, or of the store's users.
 */

import type { AccessRequest, AuthorizerPlugin, Decision } from 'portcullis/plugin';
import { openFilePasswords } from './file-passwords.ts';
import { type PasswordOptions, parseOptions, parseStoredOptions } from './options.ts';
import type { CheckPassword } from './refusal.ts';
import { refuse } from './refusal.ts';
import { openStoredPasswords } from './stored-passwords.ts';

export const plugin: AuthorizerPlugin<PasswordOptions> = {
  apiVersion: 1,
  name: 'password',
  summary: 'lets in users of an htpasswd file or of the store, by Basic authentication',
  parseOptions,
  parseStoredOptions,

  async create(options, services) {
    const check =
      options.source === 'file'
        ? await openFilePasswords(options, services)
        : await openStoredPasswords(options, services);
    return { authorize: (request, signal) => authorize(request, signal, options, check) };
  },
};

async function authorize(
  { evidence }: AccessRequest,
  signal: AbortSignal,
  { overPlainHttp }: PasswordOptions,
  check: CheckPassword,
): Promise<Decision> {
  if (!evidence.secure && !overPlainHttp) {
    // Without a challenge: it would have the client send a password for everybody to read.
    return { outcome: 'deny', reason: 'passwords are not taken over plain HTTP' };
  }
  if (evidence.basic === undefined) return refuse('no user name and password were sent');
  return check({ ...evidence.basic, address: evidence.address }, signal);
}
