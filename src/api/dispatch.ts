/**
 * Finds the route of a call, and does in one order what all routes need: the path, the method,
 * whether a page of another site is behind it, who calls, whether they may, the query, the body. Whatever refuses, the rest is not looked at.
 */

import { Router } from '@koa/router';
import type { Context, Middleware } from 'koa';
import { apiPrefix } from '../api-error.ts';
import { type Authenticate, createAuthenticate } from './authenticate.ts';
import { rightsOf } from './authorize.ts';
import { type BodyLimits, bodyLimits, readList, readObject } from './body.ts';
import type { UncheckedCall } from './call.ts';
import type { ConsumerCaller } from './caller.ts';
import { checkQuery, checkValue } from './check-input.ts';
import { isOfAnotherSite } from './cross-site.ts';
import { crossSite, missingResource, unauthenticated } from './failures.ts';
import { Failure, type Outcome } from './outcome.ts';
import type { ApiParts } from './parts.ts';
import {
  type Method,
  type Route,
  type RoutePath,
  replaceParameters,
  resourceOfCall,
} from './route.ts';
import { send, sendJson } from './send.ts';
import { readQuery, readTarget, type Target } from './target.ts';

interface DispatchParts extends Pick<ApiParts, 'people' | 'limits'> {
  readonly authenticate: Authenticate;
}

export function createDispatcher(routes: readonly Route[], parts: ApiParts): Middleware {
  const router = new Router({ strict: true, sensitive: true });
  const dispatchParts = { ...parts, authenticate: createAuthenticate(parts) };
  const byPath = Map.groupBy(routes, ({ path }) => routerPathOf(path));
  // Of two paths that match, the first declared one counts: `search` is no login.
  for (const [path, ofPath] of byPath) {
    router.all(path, async (context) => {
      await dispatch(context, ofPath, dispatchParts);
    });
  }
  const dispatchRouted = router.routes();
  const routesAt = (path: string): readonly Route[] | undefined => {
    const [first] = router.match(path, 'GET').path;
    return first && byPath.get(String(first.path));
  };
  return (context) => {
    const target = readTarget(context.url);
    const ofPath = target && routesAt(target.path);
    if (target !== undefined && ofPath !== undefined) {
      context.newRouterPath = target.path;
      context.state.target = target;
      // The router knows the registered methods alone, and a front may pass on any other over uwsgi.
      return dispatchRouted(context as never, async () => refuseMethod(context, ofPath));
    }
    const isSlashMissing = target && routesAt(`${target.path}/`) !== undefined;
    if (isSlashMissing) return redirect(context, target);
    context.status = 404;
    sendJson(context, null);
  };
}

function routerPathOf(path: RoutePath): string {
  return apiPrefix + replaceParameters(path, (name, isLong) => `${isLong ? '*' : ':'}${name}`);
}

/** The path alone, which begins with one slash: another host cannot be meant. */
function redirect(context: Context, { path, query }: Target): void {
  context.status = 301;
  context.set('Location', `${path}/${query}`);
  context.body = '';
}

async function dispatch(
  context: Context,
  routes: readonly Route[],
  parts: DispatchParts,
): Promise<void> {
  const method = context.method === 'HEAD' ? 'GET' : context.method;
  const route = routes.find((candidate) => candidate.method === method);
  if (route === undefined) {
    refuseMethod(context, routes);
    return;
  }
  try {
    send(context, await call(context, route, parts));
  } finally {
    if (route.payload === 'bytes') endUnread(context);
  }
}

/** What nobody has read of the bytes is not waited for: there may be any number of them. */
function endUnread({ req: request, res: response }: Context): void {
  if (!request.complete && !response.headersSent) response.setHeader('Connection', 'close');
}

function refuseMethod(context: Context, routes: readonly Route[]): void {
  context.status = 405;
  context.set('Allow', allowed(routes).join(', '));
  context.body = '';
}

function allowed(routes: readonly Route[]): readonly string[] {
  const methods: readonly Method[] = routes.map((route) => route.method);
  return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
}

async function call(context: Context, route: Route, parts: DispatchParts): Promise<Outcome> {
  const params: UncheckedCall['params'] = context.params;
  const { req: request } = context;
  if (isOfAnotherSite(request)) return crossSite();
  const handle = await handlerFor(context, route, parts);
  if (handle instanceof Failure) return handle;
  const target: Target = context.state.target;
  const query = checkQuery(route.query, readQuery(target.query));
  if (query instanceof Failure) return query;
  if (route.payload === 'bytes') {
    const payload: AsyncIterable<Uint8Array> = request.iterator({ destroyOnReturn: false });
    return handle({ params, query, body: undefined, payload });
  }
  const sent = await readSent(request, route, parts.limits ?? bodyLimits);
  return sent instanceof Failure ? sent : handle({ params, query, ...sent });
}

type Handle = (call: Omit<UncheckedCall, 'caller'>) => Promise<Outcome>;

/** What is done for who calls, or why nothing is. */
async function handlerFor(
  context: Context,
  route: Route,
  { authenticate, people }: DispatchParts,
): Promise<Handle | Failure> {
  const { operation, handle } = route;
  if (operation === 'none') return (given) => handle({ ...given, caller: undefined });
  const params: UncheckedCall['params'] = context.params;
  const caller = await authenticate(context.req);
  if (caller instanceof Failure) return caller;
  context.state.user = caller.login;
  const resource = resourceOfCall(route.path, params);
  if (resource === undefined) return missingResource({ resource_id: Object.values(params).join() });
  if ('consumer' in caller) return handlerForConsumer(caller, route, params);
  const refuse = await rightsOf(caller, people);
  const refusal = refuse(operation, resource);
  if (refusal !== undefined && !(await route.isOwn?.(params, caller))) return refusal;
  return (given) => handle({ ...given, caller });
}

/** No permission of anybody counts for a consumer: it has what is its own, and nothing else. */
function handlerForConsumer(
  caller: ConsumerCaller,
  { asConsumer, operation }: Route,
  params: UncheckedCall['params'],
): Handle | Failure {
  if (asConsumer === undefined || params.consumer !== caller.consumer._id) {
    return unauthenticated('permission_denied', { user: caller.login, operation });
  }
  return (given) => asConsumer({ ...given, caller });
}

/** What is sent as JSON, as the schema of the route makes it. */
async function readSent(
  request: Context['req'],
  { body: schema, payload, isBodyOptional }: Route,
  limits: BodyLimits,
): Promise<Pick<UncheckedCall, 'body' | 'payload'> | Failure> {
  if (payload !== undefined && payload !== 'bytes') {
    const raw = await readList(request, limits);
    const list = raw instanceof Failure ? raw : checkValue(payload, raw);
    return list instanceof Failure ? list : { body: undefined, payload: list };
  }
  if (schema === undefined) return { body: undefined, payload: undefined };
  const raw = await readObject(request, limits, isBodyOptional);
  const body = raw instanceof Failure ? raw : checkValue(schema, raw);
  return body instanceof Failure ? body : { body, payload: undefined };
}
