/** The kinds of tasks for instances whose workers are often killed: each is begun as often as it takes. */

import { createRepositoryTaskKinds as createReal } from '../../src/repository-tasks/kinds.ts';

const attemptsMax = 1000;

export const createRepositoryTaskKinds: typeof createReal = (parts) =>
  new Map([...createReal(parts)].map(([name, kind]) => [name, { ...kind, attemptsMax }]));
