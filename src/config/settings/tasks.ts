/** The tasks, in the pools that have the role `tasks`. */

import { peerRange } from '../kinds/network.ts';
import { listOf, wholeNumber } from '../kinds/scalars.ts';
import { group, setting } from '../setting.ts';

export const tasksGroup = group('The tasks, in the pools that have the role tasks.', {
  concurrency: setting(wholeNumber(1, 64), {
    description: 'How many tasks one worker does at a time.',
    unit: 'tasks',
    default: 4,
    example: 2,
  }),
  eventAddresses: setting(listOf(peerRange, { max: 1000 }), {
    description:
      'The addresses, besides the public ones, at which listeners to events may be. Whoever may set a listener can have Portcullis send there.',
    default: [],
    example: ['10.20.0.0/16'],
  }),
});
