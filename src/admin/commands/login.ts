/** `portcullis-admin login`. */

import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { usage } from '../read-options.ts';
import { parseSession, writeSession } from '../session.ts';
import { fieldsOf, textOf } from '../untrusted.ts';

export const login: Command = {
  path: ['login'],
  summary: 'begins a session: fetches a certificate that later commands call with',
  description: [
    'Asks for the password where -p does not give it, and keeps the session certificate with its key in ~/.pulp/user-cert.pem, which nobody else can read. When the standard input is no terminal, its first line is the password.',
  ],
  options: {},
  run: async ({ askCredentials, callAs, output, settings }) => {
    const identity = await askCredentials({ fromFiles: true });
    if (identity === undefined) {
      throw usage(['login'], 'Cannot log in: --username NAME is missing');
    }
    if (identity instanceof Failure) return identity;
    const answer = await callAs(identity)({ method: 'POST', path: ['actions', 'login'] });
    if (answer instanceof Failure) return answer;
    const { key, certificate } = fieldsOf(answer.body);
    const session = parseSession(`${textOf(key).trim()}\n${textOf(certificate).trim()}\n`);
    if (session === undefined) return unusable();
    const failure = await writeSession(settings.sessionFile, session);
    if (failure !== undefined) return failure;
    output.done(
      `Successfully logged in. Session certificate will expire at ${session.notAfterText}.`,
      { file: settings.sessionFile, expires: session.notAfter.toISOString() },
    );
    return undefined;
  },
};

function unusable(): Failure {
  return new Failure({
    title: 'Unexpected Answer',
    lines: ['The server accepts the password and sends no certificate with its key.'],
    exitCode: exitCodes.software,
  });
}
