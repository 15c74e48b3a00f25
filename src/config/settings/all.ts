/** Every setting of Portcullis. */

import { moduleName } from '../kinds/files.ts';
import { listOf } from '../kinds/scalars.ts';
import { group, setting } from '../setting.ts';
import { accessGroup } from './access.ts';
import { contentGroup } from './content.ts';
import { distributions } from './distributions.ts';
import { limitsGroup } from './limits.ts';
import { listenGroup } from './listen.ts';
import { logGroup } from './log.ts';
import { nginxGroup } from './nginx.ts';

export const allSettings = group('The configuration of Portcullis.', {
  listen: listenGroup,
  content: contentGroup,
  access: accessGroup,
  limits: limitsGroup,
  log: logGroup,
  plugins: setting(listOf(moduleName, { max: 1000 }), {
    description:
      'Plugins besides the built-in ones: names of npm packages, or paths of modules. They run with all the rights of Portcullis.',
    default: [],
    example: ['portcullis-ldap', './plugins/tickets.ts'],
  }),
  distributions: setting(distributions, {
    description: 'What is served, and to whom.',
    default: [],
    example: [{ relativeUrl: 'acme/el9', root: '/srv/repos/acme-el9', access: 'public' }],
  }),
  nginx: nginxGroup,
});
