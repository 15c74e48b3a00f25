/** Answers about certificates as the openssl program makes them, over HTTP on the loopback address. */

import { readFileSync, writeFileSync } from 'node:fs';
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts';
import type { Credential } from '../support/pki.ts';
import { runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

export interface AnswerOptions {
  /** Hex, an even number of digits. */
  readonly good?: readonly string[];
  readonly revoked?: readonly { readonly serial: string; readonly reason?: string }[];
  /** Who signs; the CA itself unless given. */
  readonly signer?: Credential;
  /** Minutes from now to nextUpdate; 5 unless given, and without one for undefined. */
  readonly minutes?: number | undefined;
  /** More arguments of `openssl ocsp`. */
  readonly more?: readonly string[];
}

/** For rules that ask: openssl takes its time on machines that do other work. */
export const patience = { timeLimitSeconds: 30 } as const;

/** When the entries of {@link AnswerOptions} were revoked. */
export const revokedAt = '2026-03-01T12:00:00Z';

/** The answer of `authority` to a question, both DER. */
export async function answerQuestion(
  question: Uint8Array,
  authority: Credential,
  options: AnswerOptions,
): Promise<Buffer> {
  using directory = temporaryDirectory();
  const { signer = authority } = options;
  const minutes = 'minutes' in options ? options.minutes : 5;
  writeFileSync(directory.file('question'), question);
  writeFileSync(directory.file('index.txt'), indexOf(options));
  await runOk('openssl', [
    ...['ocsp', '-index', directory.file('index.txt'), '-CA', authority.certificatePath],
    ...['-rsigner', signer.certificatePath, '-rkey', signer.keyPath, '-rmd', 'sha256'],
    ...['-reqin', directory.file('question'), '-respout', directory.file('answer')],
    ...(minutes === undefined ? [] : ['-nmin', String(minutes)]),
    ...(options.more ?? []),
  ]);
  return readFileSync(directory.file('answer'));
}

/** A file as `openssl ca` keeps it. */
export function indexOf({ good = [], revoked = [] }: AnswerOptions): string {
  const since = revokedAt.slice(2).replaceAll(/[-:T]/g, '');
  const lines = [
    ...good.map((serial) => `V\t351231235959Z\t\t${serial}\tunknown\t/CN=${serial}\n`),
    ...revoked.map(({ serial, reason }) => {
      const why = reason === undefined ? '' : `,${reason}`;
      return `R\t351231235959Z\t${since}${why}\t${serial}\tunknown\t/CN=${serial}\n`;
    }),
  ];
  return lines.join('');
}

export interface Responder extends AnsweringServer {
  /** What it says from now on. */
  say(options: AnswerOptions): void;
}

export async function startResponder(authority: Credential): Promise<Responder> {
  const server = await startAnsweringServer();
  return {
    ...server,
    say: (options) => {
      server.answer(async (_, response, body) => {
        const der = await answerQuestion(await body, authority, options).catch(String);
        const status = typeof der === 'string' ? 500 : 200;
        response.writeHead(status, { 'content-type': 'application/ocsp-response' }).end(der);
      });
    },
  };
}
