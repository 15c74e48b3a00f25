/** `portcullis-admin token create` and `rotate`, which hand out a secret. */

import { durationExamples, readDuration } from '../../terminal/duration.ts';
import type { Command, Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { usage } from '../read-options.ts';
import { fieldsOf, textOf } from '../untrusted.ts';
import { tokenOption } from './names.ts';
import { limitOptions, limitsOf } from './token-terms.ts';

const once = 'The secret cannot be shown again.';

export const createToken: Command = {
  path: ['token', 'create'],
  summary: 'makes a token for a customer, and shows its secret this once',
  description: [
    'Writes the secret alone on the standard output, so that it can be piped; what a person has to know is told on the standard error.',
    'The token is good where the policy of a distribution has the rule token, within the limits that are given here. Without any, it is good for everything there until it is revoked.',
  ],
  options: {
    customer: { value: 'NAME', text: 'To whom it is given.', isRequired: true },
    ...limitOptions,
  },
  run: async ({ call, output }, given) => {
    const customer = given.required('customer');
    const body = { customer, ...limitsOf(given, createToken.path) };
    const answer = await call({ method: 'POST', path: ['tokens'], body });
    if (answer instanceof Failure) return answer;
    const { id, secret } = fieldsOf(answer.body);
    const done = `Token [${textOf(id)}] successfully created for [${customer}].`;
    output.hand(textOf(secret), [done, once], answer.body);
    return undefined;
  },
};

export const rotateToken: Command = {
  path: ['token', 'rotate'],
  summary: 'gives a token another secret, and shows it this once',
  description: [
    'Writes the secret alone on the standard output, so that it can be piped. Limits and counts stay.',
    'Without --overlap the secret before ends at once, as it has to when it leaked.',
  ],
  options: {
    'token-id': tokenOption,
    overlap: {
      value: 'TIME',
      text: `How long the secret before is good as well, as ${durationExamples}; 90d at most.`,
    },
  },
  run: async ({ call, output }, given) => {
    const id = given.required('token-id');
    const body = { overlap_seconds: overlapOf(given) };
    const path = ['tokens', id, 'actions', 'rotate'];
    const answer = await call({ method: 'POST', path, body });
    if (answer instanceof Failure) return answer;
    const { secret, previous_secret_until: until } = fieldsOf(answer.body);
    const before =
      textOf(until) === ''
        ? 'The secret before is not good any more.'
        : `The secret before is good until ${textOf(until)}.`;
    const done = `Token [${id}] successfully rotated.`;
    output.hand(textOf(secret), [done, before, once], answer.body);
    return undefined;
  },
};

function overlapOf(given: Given): number {
  const text = given.one('overlap');
  if (text === undefined) return 0;
  const seconds = readDuration(text);
  if (seconds !== undefined) return seconds;
  const expected = `expected ${durationExamples}`;
  throw usage(rotateToken.path, `Cannot use --overlap ${JSON.stringify(text)}: ${expected}`);
}
