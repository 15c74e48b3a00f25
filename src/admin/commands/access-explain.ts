/** `portcullis-admin access explain`: what a client would get and why, asked of the server. */

import { readSecret } from '../../terminal/prompt.ts';
import { readCertificateFile } from '../certificate-file.ts';
import type { Command, CommandOption, Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { type DocumentFields, Lines } from '../present/text.ts';
import { usage } from '../read-options.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../untrusted.ts';

/** What the client of a request that is played comes with. */
export const clientOptions: Readonly<Record<string, CommandOption>> = {
  cert: { value: 'FILE', text: "The client's certificate, PEM. A key beside it is not sent." },
  fingerprint: { value: 'HEX', text: 'In place of --cert, that of a certificate that was seen.' },
  user: { value: 'NAME', text: 'The user name that the client sends.' },
  'ask-password': { text: 'Asks for the password of --user, and plays it.' },
  'ask-token': { text: 'Asks for the token of an Authorization: Bearer header.' },
  'remote-user': { value: 'NAME', text: 'The user whom the front has authenticated.' },
  address: { value: 'IP', text: "The client's address." },
  method: { value: 'METHOD', text: 'GET, which is the default, or HEAD.' },
  query: { value: 'TEXT', text: 'What follows the ? of the URL.' },
  'plain-http': { text: "The client's connection is not TLS." },
};

const explain: Command = {
  path: ['access', 'explain'],
  summary: 'says what a client would get and why, by playing its request',
  description: [
    'Nothing is charged, remembered or logged, and a password that is tried counts as a guess of who explains. It takes the permission EXECUTE on /v2/access/explain/.',
    'Either --url says what is asked for, or --request-id takes a request of the decision log: what was decided then, and what would be decided now. What else is given goes before what was logged; a password that is not given is taken for right.',
  ],
  options: {
    url: { value: 'URL', text: 'What the client asks for: a URL, or its path.' },
    'request-id': { value: 'ID', text: 'A request of the decision log, in place of --url.' },
    ...clientOptions,
  },
  run: async ({ call, output }, given) => {
    const answer = await call({
      method: 'POST',
      path: ['access', 'explain'],
      body: await bodyOf(given),
    });
    if (answer instanceof Failure) return given.has('request-id') ? ofRequest(answer) : answer;
    const documents = documentsOf(fieldsOf(answer.body));
    output.show({ title: 'Explanation', none: 'None.', content: { documents } }, answer.body);
    return undefined;
  },
};

/** Whoever has the id of a refusal is sure that there is such a request. */
function ofRequest(failure: Failure): Failure {
  const { title, lines, exitCode, kind } = failure;
  if (kind !== 'missing') return failure;
  const known =
    'The log of the store has the requests that Portcullis decided with audit.inStore, a second later; what nginx refused by itself is in nginx.refusalLog.';
  return new Failure({ title, lines: [...lines, known], exitCode, kind });
}

/** @throws PortcullisError USAGE, FILE_UNREADABLE */
async function bodyOf(given: Given): Promise<Fields> {
  if (given.has('url') === given.has('request-id')) {
    throw usage(explain.path, 'Cannot tell what to play: give either --url or --request-id');
  }
  return {
    url: given.one('url'),
    request_id: given.one('request-id'),
    ...(await clientOf(given, explain.path)),
  };
}

/**
 * What {@link clientOptions} say, as a body has it.
 *
 * @throws PortcullisError USAGE, FILE_UNREADABLE
 */
export async function clientOf(given: Given, path: Command['path']): Promise<Fields> {
  const cert = given.one('cert');
  return {
    certificate: cert && (await readCertificateFile('cert', cert)),
    fingerprint: given.one('fingerprint'),
    user: given.one('user'),
    password: given.has('ask-password') ? await ask('Password of the client: ', path) : undefined,
    token: given.has('ask-token') ? await ask('Token of the client: ', path) : undefined,
    remote_user: given.one('remote-user'),
    address: given.one('address'),
    method: given.one('method'),
    query: given.one('query'),
    secure: given.has('plain-http') ? false : undefined,
  };
}

async function ask(question: string, path: Command['path']): Promise<string> {
  const typed = await readSecret(question);
  if (typed !== undefined) return typed;
  throw usage(path, 'Cannot play with what was asked for: it was not given');
}

function documentsOf(body: Fields): readonly DocumentFields[] {
  const { logged, missing } = body;
  const now = explanationOf(body);
  const then = fieldsOf(logged);
  if (Object.keys(then).length === 0) return [now];
  const of = (names: readonly string[]): DocumentFields => names.map((name) => [name, then[name]]);
  return [
    [
      ...of(['time', 'request_id', 'method', 'path', 'outcome', 'status', 'reason', 'principal']),
      ['not_kept', missing],
    ],
    now,
  ];
}

/** An explanation, for people. */
export function explanationOf(body: Fields): DocumentFields {
  const { outcome, status, reason, distribution, path, tree, headers } = body;
  return [
    ['outcome', outcome],
    ['status', status],
    ['reason', reason],
    ['principal', principalText(fieldsOf(body.principal))],
    ['distribution', distribution],
    ['path', path],
    ['password', fieldsOf(body.request).password],
    ['rules', new Lines(rulesOf(fieldsOf(tree), 0))],
    ['certificate', body.certificate],
    ['headers', headers],
    ['revocation_bounds', new Lines(listOf(body.bounds).map(boundText))],
  ];
}

function principalText({ kind, name, label }: Fields): string {
  if (textOf(name) === '') return '';
  const shown = textOf(label);
  return `${textOf(kind)}:${textOf(name)}${shown === '' ? '' : ` (${shown})`}`;
}

/** A line for each node, indented below its parent. */
function rulesOf(node: Fields, depth: number): readonly string[] {
  const { label, outcome, reason } = node;
  if (textOf(label) === '') return [];
  const children = listOf(node.children);
  // What a combination says is what its members say, and they follow.
  const why = children.length === 0 ? textOf(reason) : '';
  const text = `${textOf(label)} (${textOf(outcome)})${why === '' ? '' : `: ${why}`}`;
  const own = `${'  '.repeat(depth)}${text}`;
  return [own, ...children.flatMap((child) => rulesOf(fieldsOf(child), depth + 1))];
}

function boundText(bound: unknown): string {
  const { change, seconds } = fieldsOf(bound);
  const when = textOf(seconds);
  return when === ''
    ? `${textOf(change)}: at the next reload`
    : `${textOf(change)}: ${when} seconds`;
}

export const accessExplainCommands: readonly Command[] = [explain];
