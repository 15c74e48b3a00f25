/**
 * The declaration of a route. The router, the authorization check, the OpenAPI document and the tests
 * all come from it, so that none of them can forget one.
 */

import type { z } from 'zod';
import { apiPrefix } from '../api-error.ts';
import type { Operation } from '../people/operation.ts';
import { type Resource, readResource } from '../people/resource.ts';
import type { ParameterName, UncheckedCall, UncheckedConsumerCall } from './call.ts';
import type { Caller, ConsumerCaller } from './caller.ts';
import type { Outcome } from './outcome.ts';

export interface RouteDeclaration<
  Path extends RoutePath,
  Access extends Operation | 'none',
  Query extends QueryDeclaration,
  Body extends z.ZodObject | undefined,
  Payload extends PayloadDeclaration | undefined,
> {
  readonly method: Method;
  readonly path: Path;
  /** What the caller has to be allowed to do with the resource of the path; `none`: for everybody. */
  readonly operation: Access;
  /** Asked about who may not: whether the thing is theirs, so that they may all the same. */
  readonly isOwn?: (
    params: Call<Path, Access, Query, Body>['params'],
    caller: Caller,
  ) => Promise<boolean>;
  /** One line for people. */
  readonly summary: string;
  readonly query?: Query;
  /** Without one, nothing of a body is read. */
  readonly body?: Body;
  /** Whether an empty body stands for `{}`. */
  readonly isBodyOptional?: boolean;
  /** A body that is no object, in place of one that is. */
  readonly payload?: Payload;
  /** The schema of what is answered; 204 has none. */
  readonly answer: AnswerDeclaration;
  /** Statuses of refusals that this route has besides those of its kind. */
  readonly refusals?: readonly Refusal[];
  readonly handle: (call: Call<Path, Access, Query, Body, Payload>) => Promise<Outcome>;
  /**
   * What a consumer gets by its certificate, where the parameter `consumer` of the path is its own id.
   * Without it, and of others, consumers get nothing.
   */
  readonly asConsumer?: (
    call: Omit<Call<Path, Access, Query, Body, Payload>, 'caller'> & { caller: ConsumerCaller },
  ) => Promise<Outcome>;
}

/** A list as JSON; or bytes of any number and type, which the handler reads as they come. */
export type PayloadDeclaration = z.ZodArray | 'bytes';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/**
 * With each parameter in braces: `{name}` is one segment, `{+name}` one or more with the slashes
 * between them (RFC 6570 section 3.2.3).
 */
export type RoutePath = `/v2/${string}/`;

export type AnswerDeclaration =
  /** With `also` where a part may be done later: the same schema, by another status. */
  | { readonly status: 200 | 201 | 202; readonly also?: 202; readonly schema: z.ZodType }
  | { readonly status: 204 }
  /** Always: what Pulp 2 has here, and Portcullis has not. */
  | { readonly status: 501 };

/** Every status of a success. */
export function statusesOf(answer: AnswerDeclaration): readonly number[] {
  const also = 'also' in answer ? answer.also : undefined;
  return also === undefined ? [answer.status] : [answer.status, also];
}

export type Refusal = 403 | 404 | 409 | 501 | 507;

export type QueryDeclaration = Readonly<Record<string, QueryParameter>>;

export interface QueryParameter {
  /** Of one value, which is text. */
  readonly schema: z.ZodType<unknown, string>;
  /** Whether it may be given more than once; of one that may not, the last counts. */
  readonly isList: boolean;
}

export function one<Schema extends z.ZodType<unknown, string>>(
  schema: Schema,
): { readonly schema: Schema; readonly isList: false } {
  return { schema, isList: false };
}

export function many<Schema extends z.ZodType<unknown, string>>(
  schema: Schema,
): { readonly schema: Schema; readonly isList: true } {
  return { schema, isList: true };
}

/** What a handler gets: everything is checked by then. */
export interface Call<
  Path extends RoutePath,
  Access extends Operation | 'none',
  Query extends QueryDeclaration,
  Body extends z.ZodObject | undefined,
  Payload extends PayloadDeclaration | undefined = undefined,
> {
  readonly params: Readonly<Record<ParameterName<Path>, string>>;
  readonly query: QueryValues<Query>;
  readonly body: Body extends z.ZodObject ? z.output<Body> : undefined;
  readonly payload: Payload extends z.ZodArray
    ? z.output<Payload>
    : Payload extends 'bytes'
      ? AsyncIterable<Uint8Array>
      : undefined;
  readonly caller: Access extends 'none' ? undefined : Caller;
}

type QueryValues<Query extends QueryDeclaration> = {
  readonly [Name in keyof Query]: Query[Name] extends { readonly isList: true }
    ? readonly z.output<Query[Name]['schema']>[]
    : z.output<Query[Name]['schema']> | undefined;
};

/** A route whose types are checked and forgotten, so that different ones make a list. */
export interface Route {
  readonly method: Method;
  readonly path: RoutePath;
  readonly operation: Operation | 'none';
  readonly isOwn:
    | ((params: UncheckedCall['params'], caller: Caller) => Promise<boolean>)
    | undefined;
  readonly summary: string;
  readonly query: QueryDeclaration;
  readonly body: z.ZodObject | undefined;
  readonly isBodyOptional: boolean;
  readonly payload: PayloadDeclaration | undefined;
  readonly answer: AnswerDeclaration;
  /** All of them: those of its kind as well. */
  readonly refusals: readonly number[];
  readonly handle: (call: UncheckedCall) => Promise<Outcome>;
  readonly asConsumer: ((call: UncheckedConsumerCall) => Promise<Outcome>) | undefined;
}

export function route<
  Path extends RoutePath,
  Access extends Operation | 'none',
  // biome-ignore lint/complexity/noBannedTypes: a route without a query has no name in it.
  Query extends QueryDeclaration = {},
  Body extends z.ZodObject | undefined = undefined,
  Payload extends PayloadDeclaration | undefined = undefined,
>(declaration: RouteDeclaration<Path, Access, Query, Body, Payload>): Route {
  const { method, path, operation, summary, body, payload, answer } = declaration;
  const { query = {}, isBodyOptional = false, refusals = [] } = declaration;
  const handle = declaration.handle as unknown as Route['handle'];
  const isOwn = declaration.isOwn as unknown as Route['isOwn'];
  const asConsumer = declaration.asConsumer as unknown as Route['asConsumer'];
  const kind = [
    ...(operation === 'none' ? [] : [400, 401, 429]),
    ...(body === undefined && payload === undefined ? [] : [400, 413]),
    ...(method === 'GET' ? [] : [403]),
  ];
  return {
    method,
    path,
    operation,
    isOwn,
    summary,
    query,
    body,
    isBodyOptional,
    payload,
    answer,
    refusals: [...new Set([...kind, ...refusals])].sort((a, b) => a - b),
    handle,
    asConsumer,
  };
}

/** The resource whose permissions decide; undefined for a name that no resource has in its path. */
export function resourceOfCall(
  path: RoutePath,
  params: Readonly<Record<string, string>>,
): Resource | undefined {
  const read = readResource(fill(path, params));
  return 'problem' in read ? undefined : read.resource;
}

/** The path of a resource, as `_href` and Location have it: never a scheme and a host. */
export function hrefOf(path: RoutePath, params: Readonly<Record<string, string>> = {}): string {
  return `${apiPrefix}${fill(path, params)}`;
}

/** The path with something else in place of each parameter. */
export function replaceParameters(
  path: RoutePath,
  replacement: (name: string, isLong: boolean) => string,
): string {
  return path.replaceAll(/\{(\+?)(\w+)\}/g, (_, plus: string, name: string) =>
    replacement(name, plus !== ''),
  );
}

function fill(path: RoutePath, params: Readonly<Record<string, string>>): string {
  return replaceParameters(path, (name) => params[name] ?? '');
}
