/** `portcullis-admin logout`. */

import type { Command, Context } from '../command.ts';
import { Failure } from '../failure.ts';
import type { CallApi } from '../server/call.ts';
import { readSession, removeSession } from '../session.ts';

export const logout: Command = {
  path: ['logout'],
  summary: 'ends the session, here and at the server',
  description: [
    'Has the server refuse the session certificate from now on, and removes its file. The file is removed even when the server cannot be told; the exit status says so.',
    'With -u it ends all sessions of that user, wherever they were begun.',
  ],
  options: {},
  run: async (context) => {
    const named = await context.askCredentials({ fromFiles: false });
    if (named instanceof Failure) return named;
    if (named !== undefined) return endAll(context.callAs(named), context);
    return endOwn(context);
  },
};

/** A certificate that cannot be read is of no use to anybody: its file goes as well. */
async function endOwn({ callAs, output, settings }: Context): Promise<Failure | undefined> {
  const session = await readSession(settings.sessionFile);
  if (session === undefined) {
    output.done('No session certificate found, nothing to do.', null);
    return undefined;
  }
  const told =
    session instanceof Failure ? undefined : await tellServer(callAs({ kind: 'session', session }));
  const kept = await removeSession(settings.sessionFile);
  if (kept !== undefined) return kept;
  if (told !== undefined && !(session instanceof Failure)) {
    return notTold(told, session.notAfterText);
  }
  output.done('Session certificate successfully removed.', null);
  return undefined;
}

async function endAll(call: CallApi, { output, settings }: Context): Promise<Failure | undefined> {
  const answer = await call({ method: 'POST', path: ['actions', 'logout'] });
  if (answer instanceof Failure) return answer;
  const kept = await removeSession(settings.sessionFile);
  if (kept !== undefined) return kept;
  output.done('All sessions of the user are ended.', answer.body);
  return undefined;
}

/** Pulp 2 has no such call, and a session that is over needs none: neither is a failure. */
async function tellServer(call: CallApi): Promise<Failure | undefined> {
  const answer = await call({ method: 'POST', path: ['actions', 'logout'] });
  if (!(answer instanceof Failure)) return undefined;
  return answer.kind === 'missing' || answer.kind === 'session-over' ? undefined : answer;
}

function notTold({ title, lines, exitCode }: Failure, notAfterText: string): Failure {
  return new Failure({
    title,
    lines: [
      ...lines,
      `Session certificate removed here. The server was not told: it would accept a copy until ${notAfterText}.`,
    ],
    exitCode,
  });
}
