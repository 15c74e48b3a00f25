/** What the workers of one pool do, and how many they are. */

import type { ModuleApplication, Role } from '../configuration.ts';
import type { Kind } from '../kind.ts';
import { moduleName } from '../kinds/files.ts';
import { listOf, oneOf } from '../kinds/scalars.ts';
import { mountPrefix } from '../kinds/urls.ts';
import { workers } from '../kinds/workers.ts';
import type { Place } from '../place.ts';
import {
  group,
  isMapping,
  optionalGroup,
  optionalSetting,
  requiredSetting,
  setting,
} from '../setting.ts';
import { listenGroup } from './listen.ts';

/** How many applications one pool may mount besides its first. */
export const mountsMax = 100;

const roles: readonly Role[] = ['content', 'api', 'tasks'];

/** Modules by the prefix of the paths that they serve. */
const mounts: Kind<Readonly<Record<string, string>>> = {
  expected: `a mapping of at most ${mountsMax} path prefixes to modules, each prefix ${mountPrefix.expected}`,
  parse: (raw, place) => {
    if (!isMapping(raw) || Object.keys(raw).length > mountsMax) {
      return place.refuse(raw, mounts.expected);
    }
    const entries = Object.entries(raw).map(([prefix, module]) => [
      mountPrefix.parse(prefix, place.child(prefix)),
      moduleName.parse(module, place.child(prefix)),
    ]);
    const isRight = entries.flat().every((each) => each !== undefined);
    return isRight ? Object.fromEntries(entries) : undefined;
  },
};

/** The members of the top level and of each of `pools`. */
export const poolMembers = {
  workers: setting(workers, {
    description: 'How many workers the pool has; auto is one for each core of the host.',
    default: 'auto',
    example: 4,
  }),
  roles: optionalSetting(listOf(oneOf(roles), { max: roles.length }), {
    description:
      'What the workers do, one or more: serve content, serve the REST API, do tasks. Left out, [content], or nothing where there is an application.',
    example: ['content', 'api', 'tasks'],
  }),
  application: optionalGroup(
    'A Node application that the workers serve instead of a role. It runs with all the rights of Portcullis, and nobody but itself decides who may read what.',
    {
      module: requiredSetting(moduleName, {
        description:
          'The module that exports `listener` (or a default), called with (request, response).',
        example: './app.ts',
      }),
      mounts: setting(mounts, {
        description:
          'Modules that serve the paths below a prefix, which they get as SCRIPT_NAME; the longest match of whole segments wins.',
        default: {},
        example: { '/blog': './blog.ts' },
      }),
    },
  ),
  listen: listenGroup,
};

export const poolGroup = group('A further pool of workers.', poolMembers, refuseWrongPool);

interface PoolWork {
  readonly roles: readonly Role[] | undefined;
  readonly application: ModuleApplication | undefined;
  readonly listen: Readonly<Record<string, unknown>>;
}

/** Whether requests are answered: tasks alone are done without any. */
export function answersRequests({ roles, application }: Omit<PoolWork, 'listen'>): boolean {
  return application !== undefined || (roles?.some((role) => role !== 'tasks') ?? true);
}

/** What the workers of a pool do is one thing, and something. */
export function refuseWrongWork(pool: PoolWork, place: Place): void {
  const { roles, application } = pool;
  const ofRoles = place.child('roles');
  if (application !== undefined && roles !== undefined && roles.length > 0) {
    ofRoles.report(
      'Cannot use roles together with an application: the workers of a pool serve one of them; put the other into a pool of its own',
    );
  }
  if (application === undefined && roles?.length === 0) {
    ofRoles.report('Cannot leave it empty: without an application, expected a role, as [content]');
  }
  const twice = roles?.find((role, index) => roles.indexOf(role) !== index);
  if (twice !== undefined) ofRoles.report(`Cannot use the role ${twice} twice: once is right`);
  if (hasListener(pool) && !answersRequests(pool) && roles?.length !== 0) {
    place
      .child('listen')
      .report(
        'Cannot listen: tasks alone answer no requests; leave it out, or add the role content or api',
      );
  }
}

function refuseWrongPool(pool: PoolWork, place: Place): void {
  refuseWrongWork(pool, place);
  if (hasListener(pool) || !answersRequests(pool)) return;
  place
    .child('listen')
    .report(
      'Cannot leave it out: nobody could reach the pool; expected listen.uwsgi or listen.http',
    );
}

function hasListener({ listen }: PoolWork): boolean {
  return Object.values(listen).some((listener) => listener !== undefined);
}
