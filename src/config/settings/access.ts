/** How policies are evaluated. */

import { decimal, text, wholeNumber } from '../kinds/scalars.ts';
import { group, setting } from '../setting.ts';

export const accessGroup = group('How policies are evaluated.', {
  realm: setting(
    text('printable ASCII text without " and \\', /[\x20-\x21\x23-\x5b\x5d-\x7e]{1,100}/),
    {
      description: 'The realm that a client shows when it asks for a user name and password.',
      default: 'Portcullis',
      example: 'ACME repositories',
    },
  ),
  rememberSeconds: setting(decimal(0, 3600), {
    description:
      'How long a decision is remembered at most; 0 asks every time. A revoked client keeps what was remembered for it for this long.',
    unit: 'seconds',
    default: 60,
    example: 10,
  }),
  rememberEntries: setting(wholeNumber(0, 10_000_000), {
    description: 'How many decisions one process remembers at once.',
    unit: 'decisions',
    default: 100_000,
    example: 100_000,
  }),
  storeOutageSeconds: setting(decimal(0, 86_400), {
    description:
      'How long rules go by what they have in memory of the store while it is away, which it is after one second without an answer. Then they fail: the client gets 503 until the store answers again.',
    unit: 'seconds',
    default: 60,
    example: 600,
  }),
  timeLimitSeconds: setting(decimal(0.1, 60), {
    description: 'How long one rule may take; after it the rule counts as failed.',
    unit: 'seconds',
    default: 5,
    example: 5,
  }),
  retryAfterSeconds: setting(wholeNumber(1, 3600), {
    description: 'When a client should ask again after a rule could not be evaluated.',
    unit: 'seconds',
    default: 10,
    example: 10,
  }),
  passwordChecksMax: setting(wholeNumber(1, 10_000), {
    description: 'How many password checks may run or wait at once; the next one fails at once.',
    unit: 'checks',
    default: 64,
    example: 64,
  }),
});
