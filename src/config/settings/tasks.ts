/** The tasks, in the pools that have the role `tasks`. */

import { wholeNumber } from '../kinds/scalars.ts';
import { group, setting } from '../setting.ts';

export const tasksGroup = group('The tasks, in the pools that have the role tasks.', {
  concurrency: setting(wholeNumber(1, 64), {
    description: 'How many tasks one worker does at a time.',
    unit: 'tasks',
    default: 4,
    example: 2,
  }),
});
