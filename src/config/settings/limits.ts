/** What one connection, packet or request may cost. */

import { decimal, wholeNumber } from '../kinds/scalars.ts';
import { group, setting } from '../setting.ts';

export const limitsGroup = group('What one connection, packet or request may cost.', {
  packetSeconds: setting(decimal(0.1, 600), {
    description:
      'How long a whole uwsgi packet, or the header of an HTTP request, may take to arrive.',
    unit: 'seconds',
    default: 10,
    example: 10,
  }),
  idleSeconds: setting(decimal(0.1, 3600), {
    description: 'The longest silence while a body arrives or a response is taken.',
    unit: 'seconds',
    default: 60,
    example: 60,
  }),
  requestSeconds: setting(decimal(0.05, 3600), {
    description:
      'How long a request may take until its response begins; then it is answered with 504, and a worker that goes on with it is replaced.',
    unit: 'seconds',
    default: 60,
    example: 60,
  }),
  packetBytes: setting(wholeNumber(1024, 65_535), {
    description:
      "The variables of a uwsgi packet together; 65,535 is all that the protocol's 16-bit size can say.",
    unit: 'bytes',
    default: 65_535,
    example: 65_535,
  }),
  packetVariables: setting(wholeNumber(16, 10_000), {
    description: 'How many variables one uwsgi packet may hold.',
    unit: 'variables',
    default: 1000,
    example: 1000,
  }),
  bodyBytes: setting(wholeNumber(1, 1_099_511_627_776), {
    description: 'The longest body of a request; requests for content need none.',
    unit: 'bytes',
    default: 1_048_576,
    example: 1_048_576,
  }),
  headerBytes: setting(wholeNumber(8192, 1_048_576), {
    description:
      'The header of a request on the HTTP and TLS listeners; a certificate of 66 kB is 69 kB in its header.',
    unit: 'bytes',
    default: 262_144,
    example: 262_144,
  }),
  drainSeconds: setting(decimal(0, 3600), {
    description: 'How long running requests may go on when the server stops.',
    unit: 'seconds',
    default: 30,
    example: 30,
  }),
});
