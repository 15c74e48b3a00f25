/** The OpenAPI 3.1 document of the API, from the declarations of its routes. */

import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { apiPrefix } from '../api-error.ts';
import type { Json, JsonObject } from './outcome.ts';
import { type QueryParameter, type Route, replaceParameters, statusesOf } from './route.ts';

export function describeApi(routes: readonly Route[]): JsonObject {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  const paths = [...byPath].map(([path, ofPath]) => [
    `${apiPrefix}${replaceParameters(path, (name) => `{${name}}`)}`,
    Object.fromEntries(ofPath.map((route) => [route.method.toLowerCase(), describeRoute(route)])),
  ]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Portcullis',
      version: '2',
      description: 'The REST API of Pulp 2, as Portcullis has it.',
    },
    paths: Object.fromEntries(paths),
    components: {
      schemas: { Failure: schemaOf(failureSchema, 'output') },
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        session: { type: 'mutualTLS' },
      },
    },
    security: [{ basic: [] }, { session: [] }],
  };
}

/** The keys that every refusal has; each kind has one more. */
export const failureSchema = z.looseObject({
  _href: z.string(),
  http_status: z.int(),
  http_request_method: z.string(),
  error_message: z.string(),
  exception: z.null(),
  traceback: z.null(),
  error: z
    .object({
      code: z.string(),
      description: z.string(),
      data: z.record(z.string(), z.unknown()),
      sub_errors: z.array(z.unknown()),
    })
    .optional(),
});

function describeRoute(route: Route): JsonObject {
  const isPublic = route.operation === 'none';
  const failure = { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } };
  const refusals = [...route.refusals, 500, 503].map((status) => [
    String(status),
    { description: STATUS_CODES[status] ?? '', content: failure },
  ]);
  return {
    summary: route.summary,
    operationId: operationId(route),
    ...(isPublic && { security: [] }),
    'x-portcullis-operation': route.operation,
    'x-portcullis-resource': route.path,
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...describeBody(route),
    responses: {
      ...Object.fromEntries(
        statusesOf(route.answer).map((status) => [
          status,
          describeAnswer(status, route.answer, failure),
        ]),
      ),
      ...Object.fromEntries(refusals),
    },
  };
}

function describeBody({ body, payload, isBodyOptional }: Route): JsonObject {
  // As OpenAPI 3.1 has bytes: a media type without a schema.
  const bytes = { required: true, content: { 'application/octet-stream': {} } };
  if (payload === 'bytes') return { requestBody: bytes };
  const schema = payload ?? body;
  if (schema === undefined) return {};
  const content = { 'application/json': { schema: schemaOf(schema, 'input') } };
  return { requestBody: { required: !isBodyOptional, content } };
}

function operationId({ method, path }: Route): string {
  return `${method.toLowerCase()}${path.replaceAll(/\W+/g, '_').replace(/_$/, '')}`;
}

function describeAnswer(status: number, answer: Route['answer'], failure: JsonObject): JsonObject {
  const description = STATUS_CODES[status] ?? '';
  if (answer.status === 204) return { description };
  if (answer.status === 501) return { description, content: failure };
  return {
    description,
    content: { 'application/json': { schema: schemaOf(answer.schema, 'output') } },
  };
}

function pathParameters({ path }: Route): readonly JsonObject[] {
  return [...path.matchAll(/\{(\+?)(\w+)\}/g)].map(([, plus = '', name = '']) => ({
    name,
    in: 'path',
    required: true,
    ...(plus !== '' && { description: 'One segment or more, with the slashes between them' }),
    schema: { type: 'string' },
  }));
}

function queryParameters({ query }: Route): readonly JsonObject[] {
  return Object.entries(query).map(([name, { schema, isList }]: [string, QueryParameter]) => {
    const ofOne = schemaOf(schema, 'input');
    return { name, in: 'query', schema: isList ? { type: 'array', items: ofOne } : ofOne };
  });
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return described as Record<string, Json>;
}
