/** When the primary steps in with a worker. */

import { decimal, wholeNumber } from '../kinds/scalars.ts';
import type { Place } from '../place.ts';
import { type GroupValue, group, setting } from '../setting.ts';

const recycleGroup = group(
  'After how much a worker is replaced by a new one, which serves before it stops. 0 means never.',
  {
    requests: setting(wholeNumber(0, 1_000_000_000_000), {
      description: 'Requests that a worker serves.',
      unit: 'requests',
      default: 0,
      example: 1_000_000,
    }),
    ageSeconds: setting(decimal(0, 31_536_000), {
      description: 'Time that a worker serves.',
      unit: 'seconds',
      default: 0,
      example: 86_400,
    }),
    memoryMebibytes: setting(wholeNumber(0, 16_777_216), {
      description: 'Resident memory of a worker.',
      unit: 'mebibytes',
      default: 0,
      example: 512,
    }),
    jitter: setting(decimal(0, 0.9), {
      description:
        'The share of each limit by which it differs at random from worker to worker, so that not all are replaced at once.',
      unit: 'share',
      default: 0.2,
      example: 0.2,
    }),
  },
);

const supervisionMembers = {
  heartbeatSeconds: setting(decimal(0.05, 60), {
    description: 'How often a worker reports to the primary.',
    unit: 'seconds',
    default: 1,
    example: 1,
  }),
  silenceSeconds: setting(decimal(0.1, 3600), {
    description: 'How long a worker may be silent; then it counts as stuck and is asked to answer.',
    unit: 'seconds',
    default: 10,
    example: 10,
  }),
  answerSeconds: setting(decimal(0.05, 600), {
    description: 'How long a worker that was asked may take to answer; then it is aborted.',
    unit: 'seconds',
    default: 2,
    example: 2,
  }),
  abortSeconds: setting(decimal(0.05, 600), {
    description: 'How long an aborted worker may take to end; then it is killed.',
    unit: 'seconds',
    default: 3,
    example: 3,
  }),
  bootSeconds: setting(decimal(0.1, 3600), {
    description: 'How long a new worker may take until it serves.',
    unit: 'seconds',
    default: 60,
    example: 60,
  }),
  backOffSeconds: setting(decimal(0.01, 600), {
    description:
      'The wait before a worker that died early is replaced; it doubles at each early death.',
    unit: 'seconds',
    default: 0.5,
    example: 0.5,
  }),
  backOffSecondsMax: setting(decimal(0.01, 3600), {
    description: 'The longest such wait.',
    unit: 'seconds',
    default: 60,
    example: 60,
  }),
  bootAttemptsMax: setting(wholeNumber(1, 1000), {
    description:
      'How many deaths in a row, before any worker ever served, make the whole start fail. A worker that can say why it cannot start makes it fail at once.',
    unit: 'deaths',
    default: 5,
    example: 5,
  }),
  recycle: recycleGroup,
  memoryMebibytesMax: setting(wholeNumber(0, 16_777_216), {
    description:
      'Resident memory at which a worker is killed without waiting for its requests; 0 means never.',
    unit: 'mebibytes',
    default: 0,
    example: 1024,
  }),
};

export const supervisionGroup = group(
  'When the primary steps in with a worker.',
  supervisionMembers,
  refuseContradictions,
);

function refuseContradictions(
  supervision: GroupValue<typeof supervisionMembers>,
  place: Place,
): void {
  const { heartbeatSeconds, silenceSeconds, backOffSeconds, backOffSecondsMax } = supervision;
  if (silenceSeconds <= heartbeatSeconds) {
    place
      .child('silenceSeconds')
      .report(
        `Cannot use ${silenceSeconds}: a worker reports every ${heartbeatSeconds} seconds; expected more than that`,
      );
  }
  if (backOffSecondsMax < backOffSeconds) {
    place
      .child('backOffSecondsMax')
      .report(
        `Cannot use ${backOffSecondsMax}: the first wait is ${backOffSeconds} seconds; expected that or more`,
      );
  }
  const { recycle, memoryMebibytesMax } = supervision;
  const soft = recycle.memoryMebibytes * (1 + recycle.jitter);
  if (memoryMebibytesMax > 0 && memoryMebibytesMax <= soft) {
    place
      .child('memoryMebibytesMax')
      .report(
        `Cannot use ${memoryMebibytesMax}: a worker could be killed before it is replaced at recycle.memoryMebibytes, ${Math.ceil(soft)} with its jitter; expected more than that, or 0`,
      );
  }
}
