/** `portcullis-admin access log` and `access usage`: what was decided, and what was downloaded. */

import type { Command, CommandOption, Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { field, showResources } from '../present/resources.ts';
import { queryOf } from '../query-options.ts';
import { usage as usageError } from '../read-options.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../untrusted.ts';
import { detailsOption } from './names.ts';

/** Entries that are shown unless another number is asked for. */
const shownEntries = 50;

/** Entries that the server gives at once. */
const pageEntries = 1000;

const timeText = 'as 2026-01-31, or 2026-01-31T12:00:00Z';

const rangeOptions: Readonly<Record<string, CommandOption>> = {
  from: { value: 'TIME', text: `Not what was before, ${timeText}.` },
  until: { value: 'TIME', text: `Only what was before, ${timeText}.` },
};

/** Options that are parameters of the query under the same names, with `_` for `-`. */
const clientOptions: Readonly<Record<string, CommandOption>> = {
  principal: { value: 'NAME', text: 'Of this principal, as user:ann or certificate:FINGERPRINT.' },
  distribution: { value: 'URL', text: 'Of this distribution, as acme/el9.' },
};

const entryOptions: Readonly<Record<string, CommandOption>> = {
  ...clientOptions,
  fingerprint: { value: 'HEX', text: 'Of who came with the certificate of this fingerprint.' },
  address: { value: 'IP', text: 'From this address.' },
  user: { value: 'NAME', text: 'Of who sent this user name, whatever became of it.' },
  path: { value: 'PATH', text: 'For this path, as it stands in a URL, and all below it.' },
  outcome: { value: 'OUTCOME', text: 'Ended so: allow, deny, fault, not-found or refused.' },
  status: { value: 'NUMBER', text: 'Answered with this status.' },
  'request-id': { value: 'ID', text: 'Of this request id, which clients are told with a refusal.' },
  ...rangeOptions,
};

const entryColumns = [
  { title: 'TIME', cell: field('time') },
  { title: 'OUTCOME', cell: field('outcome') },
  { title: 'STATUS', cell: field('status') },
  { title: 'CLIENT', cell: clientOf },
  { title: 'PATH', cell: field('path') },
  { title: 'REASON', cell: field('reason') },
  { title: 'REQUEST ID', cell: field('request_id') },
];

/** As well as the client is known. */
function clientOf({ principal, user, address }: Fields): string {
  return [principal, user, address].map(textOf).find((text) => text !== '') ?? '';
}

const log: Command = {
  path: ['access', 'log'],
  summary: 'searches the decisions about requests for content, the latest first',
  description: [
    'Only where the server keeps them in its store (audit.inStore). No password, token, query or certificate is in them.',
    'portcullis-admin access explain --request-id plays one of them again.',
  ],
  options: {
    ...entryOptions,
    limit: { value: 'COUNT', text: `Shows so many at most; ${shownEntries} unless given.` },
    details: detailsOption,
  },
  run: async ({ call, output }, given) => {
    const limit = limitOf(given);
    const query = queryOf(given, Object.keys(entryOptions));
    const entries: unknown[] = [];
    let lost = 0;
    let isKept = true;
    let next: string | undefined;
    do {
      const count = String(Math.min(pageEntries, limit - entries.length));
      const page = [['limit', count] as const, ...(next ? [['after', next] as const] : [])];
      const answer = await call({
        method: 'GET',
        path: ['access', 'log'],
        query: [...query, ...page],
      });
      if (answer instanceof Failure) return answer;
      const body = fieldsOf(answer.body);
      entries.push(...listOf(body.entries));
      lost += Number(body.lost) || 0;
      isKept = body.is_kept !== false;
      next = textOf(body.next) || undefined;
    } while (next !== undefined && entries.length < limit);
    const body = { is_kept: isKept, entries, lost, next: next ?? null };
    output.show(
      showResources(titleOf('Decisions', isKept, lost), entries, entryColumns, given),
      body,
    );
    return undefined;
  },
};

const usage: Command = {
  path: ['access', 'usage'],
  summary: 'tells downloads and bytes, by principal and distribution or by time',
  description: [
    'A download is a GET whose body was sent, or handed over to a front. Bytes that a front was asked to send count in full, also when the client went away. Where nginx serves by decisions that it remembers, it is not told of.',
  ],
  options: {
    by: {
      value: 'NAMES',
      text: 'What is told apart: time, distribution, principal, or several with commas; principal,distribution unless given.',
    },
    unit: { value: 'UNIT', text: 'hour or day, which is the default. Hours are kept for 7 days.' },
    ...clientOptions,
    ...rangeOptions,
    details: detailsOption,
  },
  run: async ({ call, output }, given) => {
    const names = given.all('by').flatMap((text) => text.split(','));
    const query = [
      ...queryOf(given, ['unit', ...Object.keys({ ...clientOptions, ...rangeOptions })]),
      ...names.map((name) => ['by', name.trim()] as const),
    ];
    const answer = await call({ method: 'GET', path: ['access', 'usage'], query });
    if (answer instanceof Failure) return answer;
    const { usage: rows, is_kept: isKept } = fieldsOf(answer.body);
    const title = titleOf('Usage', isKept !== false, 0);
    output.show(showResources(title, rows, usageColumns, given), answer.body);
    return undefined;
  },
};

const usageColumns = [
  { title: 'TIME', cell: field('time') },
  { title: 'DISTRIBUTION', cell: field('distribution') },
  { title: 'PRINCIPAL', cell: field('principal') },
  { title: 'DOWNLOADS', cell: field('downloads') },
  { title: 'BYTES', cell: field('bytes') },
];

function titleOf(title: string, isKept: boolean, lost: number): string {
  const notes = [
    ...(isKept ? [] : ['nothing is kept now: audit.inStore is off']),
    ...(lost === 0 ? [] : [`${lost} were lost`]),
  ];
  return notes.length === 0 ? title : `${title} (${notes.join('; ')})`;
}

/** @throws PortcullisError USAGE */
function limitOf(given: Given): number {
  const text = given.one('limit');
  if (text === undefined) return shownEntries;
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw usageError(
    log.path,
    `Cannot use --limit ${JSON.stringify(text)}: expected a number from 1`,
  );
}

export const accessLogCommands: readonly Command[] = [log, usage];
