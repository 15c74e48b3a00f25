/** `portcullis explain`. */

import { readFile } from 'node:fs/promises';
import type { ExplainNode } from '../../access/explain.ts';
import type { ExplainQuery, Explanation } from '../../access/explanation.ts';
import { ConfigurationProblems, withPlaces } from '../../config/problems.ts';
import { PortcullisError, systemReason } from '../../errors.ts';
import { createLogger } from '../../log.ts';
import { withoutPrivateKeys } from '../../pem.ts';
import { readPolicyFile } from '../../policies/policy-file.ts';
import { readAccess, type WrittenAccess } from '../../policies/written-tree.ts';
import { appearanceOf } from '../../terminal/appearance.ts';
import { readSecret } from '../../terminal/prompt.ts';
import { usage } from '../arguments.ts';
import type { Arguments, Command } from '../command.ts';
import { requireConfiguration } from '../configured.ts';
import { exitCodes } from '../exit-codes.ts';
import { describeExplanation } from '../explanation.ts';

export const explain: Command = {
  name: 'explain',
  summary: 'says who may have a file, and why',
  synopsis: 'TARGET',
  description: [
    'Plays a request for TARGET, a path or a URL, with the evidence that the options give, and writes the tree of rules with the outcome and reason of each. Rules that the answer did not depend on are marked as not evaluated. Nothing is sent, remembered or logged.',
    'It reads the same files as the server, so it has to run as a user who may. Run by root where there is a store, it goes on as process.user, or else as the owner of the directory of the SQLite database: what the server could not read is not read here either.',
  ],
  options: {
    cert: {
      value: 'FILE',
      text: "The client's certificate, PEM; intermediates may follow it. A key in that file is passed over.",
    },
    user: {
      value: 'NAME',
      text: 'The user name of Basic credentials. The password is asked for without being shown, or read from the first line of the standard input when that is no terminal.',
    },
    'password-stdin': { text: 'Reads the password from the standard input, even from a terminal.' },
    bearer: {
      value: 'FILE',
      text: 'A file whose first line is the token of an Authorization: Bearer header.',
    },
    'remote-user': {
      value: 'NAME',
      text: 'The user whom the front has authenticated, where a listener trusts it with that.',
    },
    address: { value: 'IP', text: "The client's address." },
    method: { value: 'METHOD', text: 'GET, which is the default, or HEAD.' },
    'plain-http': { text: "The client's connection is not TLS." },
    policy: {
      value: 'FILE',
      text: 'Plays it as if the distribution had the access of this file: YAML or JSON with access and paths, as the configuration has them. Nothing is saved.',
    },
    json: { text: 'Writes the explanation as one JSON object.' },
  },
  isConfigured: true,
  words: { min: 1, max: 1 },
  exitStatus: {
    [exitCodes.ok]: 'The client would get the file.',
    [exitCodes.refused]: 'The client would be refused, or there is no such file.',
    [exitCodes.undecided]: 'A rule could not be evaluated; the client would get 503.',
  },
  examples: [
    {
      text: 'Why does this certificate get 403?',
      line: 'portcullis explain /pulp/repos/acme/el9/repodata/repomd.xml --cert client.pem',
    },
    {
      text: 'May alice have it from this network?',
      line: 'portcullis explain /pulp/repos/acme/el9/ --user alice --address 10.20.0.7',
    },
    {
      text: 'And by the policy that it shall have?',
      line: 'portcullis explain /pulp/repos/acme/el9/ --user alice --policy new-access.yaml',
    },
  ],
  run: async (args) => {
    const query = await readQuery(args);
    const preview = await readPreview(args.options.get('policy'));
    const { configuration, locate } = await requireConfiguration(args);
    // Loaded when it is needed: it is most of the program, and a manual needs none of it.
    const { createExplainer } = await import('../../explainer.ts');
    const { becomeUserOfStore } = await import('../../work/administrator.ts');
    const { hasStore } = await import('../../work/control-plane.ts');
    if (hasStore(configuration)) becomeUserOfStore(configuration);
    // What rules have to say goes to the tree; their log would only interleave with it.
    const log = createLogger({ level: 'error', write: (line) => process.stderr.write(line) });
    await using explainer = await withPlaces(locate, createExplainer(configuration, { log }));
    const explanation = await explainer.explain(query, preview);
    process.stdout.write(
      args.options.has('json')
        ? `${JSON.stringify(explanation, undefined, 2)}\n`
        : describeExplanation(explanation, query.method ?? 'GET', appearanceOf(process.stdout)) +
            describeGaps(explanation, args.options),
    );
    return exitCodeFor(explanation);
  },
};

function exitCodeFor({ outcome }: Explanation): number {
  if (outcome === 'allow') return exitCodes.ok;
  return outcome === 'fault' ? exitCodes.undecided : exitCodes.refused;
}

/** The options that only the clients of one rule have something for. */
const optionsOfRules = { jwt: 'bearer', 'remote-user': 'remote-user' } as const;

/** A refusal for want of what was not given says nothing of the client who has it. */
function describeGaps({ tree, outcome }: Explanation, options: Arguments['options']): string {
  if (outcome !== 'deny' || tree === undefined) return '';
  const special = Object.entries(optionsOfRules).flatMap(([rule, option]) =>
    mentions(tree, rule) ? option : [],
  );
  const absent = ['cert', 'user', ...special, 'address'].filter((name) => !options.has(name));
  if (absent.length === 0) return '';
  return `Played without ${absent.map((name) => `--${name}`).join(', ')}.\n`;
}

function mentions({ label, children }: ExplainNode, rule: string): boolean {
  return label === rule || children.some((child) => mentions(child, rule));
}

async function readQuery({ words, options }: Arguments): Promise<ExplainQuery> {
  const cert = options.get('cert');
  const user = options.get('user');
  const bearer = options.get('bearer');
  const remoteUser = options.get('remote-user');
  const address = options.get('address');
  if (user !== undefined && bearer !== undefined) {
    throw usage(explain, 'Cannot use --user and --bearer: a request has one Authorization header');
  }
  if (user === undefined && options.has('password-stdin')) {
    throw usage(explain, 'Cannot use --password-stdin: it needs --user');
  }
  return {
    target: words[0] ?? '',
    method: readMethod(options.get('method')),
    secure: !options.has('plain-http'),
    ...(cert !== undefined && {
      certificatePem: withoutPrivateKeys(await readGiven('certificate', cert)),
    }),
    ...(user !== undefined && { user, password: await readPassword(user, options) }),
    ...(bearer !== undefined && { bearer: firstLine(await readGiven('token', bearer)) }),
    ...(remoteUser !== undefined && { remoteUser }),
    ...(address !== undefined && { address }),
  };
}

/** Undefined where none is given. */
async function readPreview(file: string | undefined): Promise<WrittenAccess | undefined> {
  if (file === undefined) return undefined;
  const read = readAccess(await readPolicyFile(file, '--policy', ['access', 'paths']), '');
  if ('tree' in read) return read.tree;
  throw new ConfigurationProblems(read.problems);
}

function readMethod(method = 'GET'): 'GET' | 'HEAD' {
  if (method === 'GET' || method === 'HEAD') return method;
  throw usage(explain, 'Cannot play such a method: expected --method GET or --method HEAD');
}

async function readGiven(what: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const message = `Cannot read the ${what} ${file}: ${systemReason(cause)}`;
    throw new PortcullisError('FILE_UNREADABLE', message, { cause });
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.trimEnd() ?? '';
}

async function readPassword(user: string, options: Arguments['options']): Promise<string> {
  const typed = await readSecret(`Password of ${user}: `, {
    fromLine: options.has('password-stdin'),
  });
  if (typed !== undefined) return typed;
  throw usage(explain, 'Cannot explain without the password: it was not given');
}
