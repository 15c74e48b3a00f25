/** What each role of a pool is: a role that workers get is a row of the table here. */

import { isApiPath } from '../api-error.ts';
import type { PoolConfiguration, Role } from '../config/configuration.ts';
import { writesStore } from '../config/store-use.ts';
import { messageOf } from '../errors.ts';
import type { Serve } from '../listeners/listeners.ts';
import type { RequestRole } from '../metrics/labels.ts';
import type { Problem } from '../model.ts';
import type { ControlPlane } from './control-plane.ts';
import type { SharedContent } from './shared-content.ts';
import { createStorePulse } from './store-pulse.ts';
import type { OpenedWork, OpenWork, RoleWork, WorkParts } from './work.ts';

/** What each role of Portcullis itself does. Only what a pool has is loaded: a worker is smaller for it. */
const openers: Readonly<Record<Role, OpenWork>> = {
  content: async (parts, opened) =>
    (await import('./content-work.ts')).openContentWork(parts, opened),
  api: async (parts) => (await import('./api-work.ts')).openApiWork(parts),
  tasks: async (parts) => (await import('./tasks-work.ts')).openTasksWork(parts),
};

/** As what the requests of a pool can be counted. */
export function requestRolesOf({ application, roles }: PoolConfiguration): readonly RequestRole[] {
  return application === undefined ? roles.filter((role) => role !== 'tasks') : ['application'];
}

/** @param opened gets what has to be closed in the end */
export async function openWork(
  given: Omit<WorkParts, 'content'>,
  opened: AsyncDisposableStack,
): Promise<OpenedWork> {
  const content = shareContent(given, opened.use(new AsyncDisposableStack()));
  const parts: WorkParts = { ...given, content };
  const { application, roles } = parts.pool;
  if (application !== undefined) {
    const { openApplicationWork } = await import('./application-work.ts');
    const work = await openApplicationWork(application, parts, opened);
    return { ...combine(new Map([['application', work]])), isStoreUp: () => undefined };
  }
  const works = new Map<Role, RoleWork>();
  const storeProblems = writesStore(parts.pool) ? await problemsOfStore(parts.controlPlane) : [];
  for (const role of roles) {
    const isOpened = role === 'content' || storeProblems.length === 0;
    if (isOpened) works.set(role, await openers[role](parts, opened));
  }
  const combined = combine(works);
  return {
    ...combined,
    ...watchedStore(parts.controlPlane, combined.background),
    problems: [...storeProblems, ...combined.problems],
  };
}

/** Loaded by who asks first: it is most of the program. @param opened may get something at any time */
function shareContent(
  parts: Omit<WorkParts, 'content'>,
  opened: AsyncDisposableStack,
): WorkParts['content'] {
  let loading: Promise<SharedContent> | undefined;
  const load = async (): Promise<SharedContent> =>
    new (await import('./shared-content.ts')).SharedContent(parts, opened);
  return {
    open: async () => {
      loading ??= load();
      return (await loading).open();
    },
  };
}

/** A store that nobody asks is not opened to be looked at. */
function watchedStore(
  controlPlane: ControlPlane,
  background: OpenedWork['background'],
): Pick<OpenedWork, 'background' | 'isStoreUp'> {
  if (!controlPlane.isAsked) return { background, isStoreUp: () => undefined };
  const pulse = createStorePulse(controlPlane);
  return { background: [...background, pulse], isStoreUp: () => pulse.isUp };
}

/** Whether there can be a store at all: that it answers now is no condition of a start. */
async function problemsOfStore(controlPlane: ControlPlane): Promise<readonly Problem[]> {
  try {
    await controlPlane.store();
    return [];
  } catch (error) {
    return [{ at: 'store', message: messageOf(error) }];
  }
}

function combine(
  works: ReadonlyMap<Role | 'application', RoleWork>,
): Omit<OpenedWork, 'isStoreUp'> {
  const all = [...works.values()];
  return {
    ...dispatch(works),
    background: all.flatMap(({ background }) => background ?? []),
    certificates: all.flatMap(({ certificates }) => certificates),
    revocationLists: () => all.flatMap(({ revocationLists }) => revocationLists?.() ?? []),
    revocationSeconds: () =>
      Math.max(0, ...all.map(({ revocationSeconds }) => revocationSeconds?.() ?? 0)),
    decisionsLost: () => all.reduce((sum, { decisionsLost }) => sum + (decisionsLost?.() ?? 0), 0),
    problems: all.flatMap(({ problems }) => problems),
  };
}

/** The paths of the API are the API's; without it they are as any other. */
function dispatch(
  works: ReadonlyMap<Role | 'application', RoleWork>,
): Pick<OpenedWork, 'serve' | 'roleOf'> {
  const api = works.get('api')?.serve;
  const content = works.get('content')?.serve;
  if (api !== undefined && content !== undefined) {
    return {
      serve: bothOf(api, content),
      roleOf: (path) => (isApiPath(path) ? 'api' : 'content'),
    };
  }
  for (const [role, { serve }] of works) {
    if (serve !== undefined && role !== 'tasks') return { serve, roleOf: () => role };
  }
  return { serve: serveNothing, roleOf: () => 'content' };
}

function bothOf(api: Serve, content: Serve): Serve {
  return (readEvidence, handOff) => {
    const serveApi = api(readEvidence, handOff);
    const serveContent = content(readEvidence, handOff);
    return (request, response, running) => {
      const serve = isApiPath(running.path) ? serveApi : serveContent;
      return serve(request, response, running);
    };
  };
}

/** Where nothing is served there is no listener either. */
const serveNothing: Serve = () => {
  throw new Error('the pool has no role that answers requests');
};
