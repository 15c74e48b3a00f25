/** Who may read what a repository publishes, said as it is made. */

import { readPolicyFile } from '../../../policies/policy-file.ts';
import type { CommandOption, Context, Given } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { usage } from '../../read-options.ts';

export const accessOptions: Readonly<Record<string, CommandOption>> = {
  public: { text: 'Everybody may read what is published.' },
  policy: {
    value: 'ID',
    text: 'Those whom this policy lets in may read what is published; see `policy list`.',
  },
  access: {
    value: 'FILE',
    text: 'In place of both, a file of YAML or JSON as `policy access set` reads it.',
  },
};

/**
 * What the line says of it; undefined where it says nothing.
 *
 * @throws PortcullisError USAGE, FILE_UNREADABLE
 */
export async function accessOf(
  given: Given,
  path: readonly string[],
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const names = Object.keys(accessOptions).filter((name) => given.has(name));
  if (names.length > 1) {
    const both = names.map((name) => `--${name}`).join(' with ');
    throw usage(path, `Cannot use ${both}: give one of them`);
  }
  if (given.has('public')) return { access: 'public' };
  const policy = given.one('policy');
  if (policy !== undefined) return { access: { policy } };
  const file = given.one('access');
  return file === undefined ? undefined : readPolicyFile(file, '--access', ['access', 'paths']);
}

/** @param relativeUrl as a distributor has it */
export async function setAccess(
  { call }: Pick<Context, 'call'>,
  relativeUrl: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Failure | undefined> {
  const segments = relativeUrl.replace(/^\//, '').replace(/\/$/, '').split('/');
  const path = ['distributions', ...segments, 'access'];
  const answer = await call({ method: 'PUT', path, body });
  if (!(answer instanceof Failure)) return undefined;
  const { title, lines, exitCode } = answer;
  return new Failure({
    title,
    lines: [
      ...lines,
      'The repository was created, and who may read it was not set; `policy access set` does that.',
    ],
    exitCode,
  });
}
