/** Every setting of Portcullis. */

import { moduleName } from '../kinds/files.ts';
import { listOf } from '../kinds/scalars.ts';
import { group, setting } from '../setting.ts';
import { accessGroup } from './access.ts';
import { apiGroup } from './api.ts';
import { auditGroup } from './audit.ts';
import { contentGroup } from './content.ts';
import { distributions } from './distributions.ts';
import { limitsGroup } from './limits.ts';
import { logGroup } from './log.ts';
import { monitorGroup } from './monitor.ts';
import { nginxGroup } from './nginx.ts';
import { policies } from './policies.ts';
import { poolMembers, refuseWrongWork } from './pool.ts';
import { pools } from './pools.ts';
import { processGroup } from './process.ts';
import { repositoriesGroup } from './repositories.ts';
import { storageGroup } from './storage.ts';
import { storeGroup } from './store.ts';
import { supervisionGroup } from './supervision.ts';
import { syncGroup } from './sync.ts';
import { tasksGroup } from './tasks.ts';

const members = {
  ...poolMembers,
  content: contentGroup,
  access: accessGroup,
  limits: limitsGroup,
  log: logGroup,
  pools: setting(pools, {
    description:
      'Further pools of workers by their names, each with its own workers, roles or application, and listen, as at the top level.',
    default: {},
    example: {
      blog: {
        workers: 2,
        application: { module: './blog.ts' },
        listen: { uwsgi: { address: 'unix:/run/portcullis/blog.sock' } },
      },
    },
  }),
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
  policies: setting(policies, {
    description:
      'Policies by their names. `policy: NAME` in any policy stands for the one of that name, which is made once for all who refer to it.',
    default: {},
    example: { customers: { any: [{ password: { roles: ['customers'] } }] } },
  }),
  store: storeGroup,
  storage: storageGroup,
  repositories: repositoriesGroup,
  sync: syncGroup,
  api: apiGroup,
  tasks: tasksGroup,
  audit: auditGroup,
  nginx: nginxGroup,
  process: processGroup,
  supervision: supervisionGroup,
  monitor: monitorGroup,
};

export const allSettings = group('The configuration of Portcullis.', members, refuseWrongWork);
