/** What is logged, and where to. */

import { logLevels } from '../../log.ts';
import { filePath } from '../kinds/files.ts';
import { oneOf } from '../kinds/scalars.ts';
import { group, optionalSetting, setting } from '../setting.ts';

export const logGroup = group('What is logged, and where to.', {
  level: setting(oneOf(logLevels), {
    description: 'The least important lines that are written.',
    default: 'info',
    example: 'warn',
  }),
  file: optionalSetting(filePath, {
    description:
      'The file that lines are appended to, by all processes; SIGUSR1 opens it anew. Left out, they go to the standard output: into a pipe or socket, as of systemd, a line longer than 4,096 bytes goes with its longest values cut, because no more stays in one piece there.',
    example: '/var/log/portcullis/portcullis.log',
  }),
});
