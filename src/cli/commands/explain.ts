/** `portcullis explain`. */

import type { ExplainNode } from '../../access/explain.ts';
import type { Explanation } from '../../access/explanation.ts';
import { presentExplanation } from '../../access/present-explanation.ts';
import { presentDecision } from '../../audit/present-decision.ts';
import { ConfigurationProblems, withPlaces } from '../../config/problems.ts';
import { createLogger } from '../../log.ts';
import { readPolicyFile } from '../../policies/policy-file.ts';
import { readAccess, type WrittenAccess } from '../../policies/written-tree.ts';
import { appearanceOf } from '../../terminal/appearance.ts';
import type { Arguments, Command } from '../command.ts';
import { requireConfiguration } from '../configured.ts';
import { exitCodes } from '../exit-codes.ts';
import { type AskedRequest, completeRequest, readGivenRequest } from '../explain-query.ts';
import { describeExplanation } from '../explanation.ts';
import { describeDetails, describeLogged } from '../explanation-details.ts';

export const explain: Command = {
  name: 'explain',
  summary: 'says who may have a file, and why',
  synopsis: '[TARGET]',
  description: [
    'Plays a request for TARGET, a path or a URL, with the evidence that the options give, and writes the tree of rules with the outcome and reason of each. Rules that the answer did not depend on are marked as not evaluated. Nothing is sent, remembered or logged.',
    'In place of TARGET, --request-id takes a request of the decision log in the store (audit.inStore): what was decided then, and what would be decided now, with the same evidence as far as it was kept. Passwords, tokens and queries never are: a password is taken for right, unless --user gives one.',
    'It reads the same files as the server, so it has to run as a user who may. Run by root where there is a store, it goes on as process.user, or else as the owner of the directory of the SQLite database: what the server could not read is not read here either.',
  ],
  options: {
    cert: {
      value: 'FILE',
      text: "The client's certificate, PEM; intermediates may follow it. A key in that file is passed over.",
    },
    fingerprint: {
      value: 'HEX',
      text: 'In place of --cert, the SHA-256 fingerprint of a certificate that a client came with, as the decision log has it.',
    },
    'request-id': {
      value: 'ID',
      text: 'Plays a request of the decision log; the other options go before what was logged.',
    },
    user: {
      value: 'NAME',
      text: 'The user name of Basic credentials. The password is asked for without being shown, or read from the first line of the standard input when that is no terminal.',
    },
    'assume-password': { text: 'Takes the password of --user for right, and asks for none.' },
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
    details: {
      text: 'Tells also what the certificate met on its way, what the client would see, and how soon a revocation holds.',
    },
    json: { text: 'Writes the explanation as one JSON object.' },
  },
  isConfigured: true,
  words: { min: 0, max: 1 },
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
      text: 'Why was this request refused, and would it be now?',
      line: 'portcullis explain --request-id 5f0c1e2d-2a --details',
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
    const given = await readGivenRequest(explain, args);
    const preview = await readPreview(args.options.get('policy'));
    const { configuration, locate } = await requireConfiguration(args);
    // Loaded when it is needed: it is most of the program, and a manual needs none of it.
    const { createExplainer } = await import('../../explainer.ts');
    const { becomeUserOfStore } = await import('../../work/administrator.ts');
    const { hasStore } = await import('../../config/store-use.ts');
    if (hasStore(configuration)) becomeUserOfStore(configuration);
    // What rules have to say goes to the tree; their log would only interleave with it.
    const log = createLogger({ level: 'error', write: (line) => process.stderr.write(line) });
    await using explainer = await withPlaces(locate, createExplainer(configuration, { log }));
    const asked = await completeRequest(explain, given, explainer);
    const explanation = await explainer.explain(asked.query, preview);
    process.stdout.write(
      args.options.has('json')
        ? `${JSON.stringify(presentAsked(explanation, asked), undefined, 2)}\n`
        : describeAsked(explanation, asked, args.options),
    );
    return exitCodeFor(explanation);
  },
};

/** The same shape as that of the API. */
function presentAsked(explanation: Explanation, { logged }: AskedRequest): object {
  return {
    ...presentExplanation(explanation),
    logged: logged === undefined ? null : presentDecision(logged.entry),
    missing: logged?.missing ?? [],
  };
}

function describeAsked(
  explanation: Explanation,
  { query, logged }: AskedRequest,
  options: Arguments['options'],
): string {
  const appearance = appearanceOf(process.stdout);
  return [
    logged === undefined ? '' : describeLogged(logged),
    describeExplanation(explanation, query.method ?? 'GET', appearance),
    logged === undefined ? describeGaps(explanation, options) : '',
    options.has('details') ? describeDetails(explanation) : '',
  ].join('');
}

function exitCodeFor({ outcome }: Explanation): number {
  if (outcome === 'allow') return exitCodes.ok;
  return outcome === 'fault' ? exitCodes.undecided : exitCodes.refused;
}

/** The options that only the clients of some rules have something for. */
const rulesOfOptions = {
  bearer: ['jwt', 'token', 'webhook'],
  'remote-user': ['remote-user', 'webhook'],
} as const;

/** A refusal for want of what was not given says nothing of the client who has it. */
function describeGaps({ tree, outcome }: Explanation, options: Arguments['options']): string {
  if (outcome !== 'deny' || tree === undefined) return '';
  const special = Object.entries(rulesOfOptions).flatMap(([option, rules]) =>
    rules.some((rule) => mentions(tree, rule)) ? option : [],
  );
  const absent = ['cert', 'user', ...special, 'address'].filter((name) => !options.has(name));
  if (absent.length === 0) return '';
  return `Played without ${absent.map((name) => `--${name}`).join(', ')}.\n`;
}

function mentions({ label, children }: ExplainNode, rule: string): boolean {
  return label === rule || children.some((child) => mentions(child, rule));
}

/** Undefined where none is given. */
async function readPreview(file: string | undefined): Promise<WrittenAccess | undefined> {
  if (file === undefined) return undefined;
  const read = readAccess(await readPolicyFile(file, '--policy', ['access', 'paths']), '');
  if ('tree' in read) return read.tree;
  throw new ConfigurationProblems(read.problems);
}
