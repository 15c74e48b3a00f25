/** `X repo client-config`: what a client needs to install from a repository. */

import type { Command, CommandOption } from '../../command.ts';
import { repositoryOption } from '../../commands/names.ts';
import { Failure } from '../../failure.ts';
import { usage } from '../../read-options.ts';
import { fieldsOf, listOf, textOf } from '../../untrusted.ts';
import type { RepositoryFamily } from '../family.ts';
import { pathOf } from './common.ts';

const credentials = ['none', 'certificate', 'password', 'token', 'token-in-path'] as const;

/** By the name of the value in the call. */
const values: Readonly<Record<string, CommandOption>> = {
  credential: {
    value: 'KIND',
    text: `What the client shows: ${credentials.join(', ')}; none unless given.`,
  },
  certificate: {
    value: 'PATH',
    text: "The client's file with its certificate, for --credential certificate.",
  },
  key: { value: 'PATH', text: 'Its file with the key; that of the certificate unless given.' },
  user: { value: 'NAME', text: 'The login, for --credential password.' },
  ca: {
    value: 'PATH',
    text: "The client's file with the CA of the server; the client trusts it already unless given.",
  },
};

export function clientConfigCommand(family: RepositoryFamily): Command {
  const path = pathOf(family, 'client-config');
  return {
    path,
    summary: 'writes the configuration of a client for what is published',
    description: [
      'Writes the files on the standard output, each below a comment that says where it belongs on the client. Paths are those of the client, and nothing is read from them.',
      'No secret is in it: PASSWORD or TOKEN stands where the client writes its own.',
    ],
    options: { 'repo-id': repositoryOption, ...values },
    run: async ({ call, output }, given) => {
      const kind = given.one('credential');
      if (kind !== undefined && !credentials.some((right) => right === kind)) {
        const expected = `expected one of ${credentials.join(', ')}`;
        throw usage(path, `Cannot use --credential ${JSON.stringify(kind)}: ${expected}`);
      }
      const id = given.required('repo-id');
      const query = Object.keys(values)
        .filter((name) => given.has(name))
        .map((name) => [name, given.required(name)] as const);
      const of = ['repositories', id, 'distributors', family.distributor.id, 'client_config'];
      const answer = await call({ method: 'GET', path: of, query });
      if (answer instanceof Failure) return answer;
      const { url, files } = fieldsOf(answer.body);
      const texts = listOf(files).map(fieldsOf).flatMap(fileLines);
      output.hand(texts, [`It is for ${textOf(url)}`], answer.body);
      return undefined;
    },
  };
}

function fileLines(file: Readonly<Record<string, unknown>>): readonly string[] {
  return [`# ${textOf(file.path)}`, ...textOf(file.text).trimEnd().split('\n')];
}
