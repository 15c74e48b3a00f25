/** `portcullis-admin status`. */

import type { Command } from '../command.ts';
import { Failure } from '../failure.ts';
import { fieldsOf } from '../untrusted.ts';

export const status: Command = {
  path: ['status'],
  summary: 'shows whether the server is at work',
  description: ['Needs no login, and sends none.'],
  options: {},
  run: async ({ callAs, output }) => {
    const answer = await callAs({ kind: 'none' })({ method: 'GET', path: ['status'] });
    if (answer instanceof Failure) return answer;
    // All of it, as pulp-admin does: what begins with `_` names the workers here.
    const fields = Object.entries(fieldsOf(answer.body));
    output.show(
      {
        title: 'Status of the server',
        none: 'The server says nothing of its state.',
        content: { documents: [fields] },
      },
      answer.body,
    );
    return undefined;
  },
};
