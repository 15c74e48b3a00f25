/** The application as it is, with the tasks of a test: see task-kinds.ts. */

import { type Application, createApplication as createReal } from '../../src/application.ts';
import { taskKinds } from './task-kinds.ts';

export const createApplication: typeof createReal = (configuration, parts): Promise<Application> =>
  createReal(configuration, { ...parts, taskKinds });
