/**
 * Errors in the shape of Pulp 2, as JSON: pulp-admin ends with a fault of its own where a key is
 * missing, or where something else than JSON comes.
 */

import type { ErrorCode } from './errors.ts';

/** Before every path of the API. */
export const apiPrefix = '/pulp/api';

/** Slashes in a row are one for the API, so that they are one here. */
const apiPath = new RegExp(`^/+${apiPrefix.split('/').filter(Boolean).join('/+')}(?:/|$)`);

/** @param path as the client wrote it, without the query */
export function isApiPath(path: string): boolean {
  return apiPath.test(path);
}

/** Below it files are uploaded: the bodies are as long as files are. */
export const uploadsPath = `${apiPrefix}/v2/content/uploads/`;

/** Whether it sends a piece of a file, whose bytes are counted by who reads them. */
export function isUploadChunk({ method, target }: ServerRequest): boolean {
  return method === 'PUT' && target.startsWith(uploadsPath);
}

export interface ApiError {
  readonly status: number;
  /** As `PLP0009`; undefined for a defect of ours, of which nothing is told. */
  readonly code: `PLP${string}` | ErrorCode | undefined;
  readonly text: string;
  /** Keys of the kind at the top level, as `resources`. */
  readonly extra?: object;
  readonly data?: object;
}

/** The body of every 4xx and 5xx of the API. */
export function apiErrorBody(
  { status, code, text, extra = {}, data = {} }: ApiError,
  request: { readonly href: string; readonly method: string },
) {
  const error = code && { error: { code, description: text, data, sub_errors: [] } };
  return {
    ...extra,
    _href: request.href,
    http_status: status,
    http_request_method: request.method,
    error_message: text,
    // Never filled in: they told clients about our code.
    exception: null,
    traceback: null,
    ...error,
  };
}

/** What servers refuse by themselves. */
const codes: Readonly<Record<number, ErrorCode | undefined>> = {
  400: 'BAD_REQUEST',
  408: 'REQUEST_TIMEOUT',
  413: 'BODY_TOO_LARGE',
  414: 'URI_TOO_LONG',
  431: 'PACKET_TOO_LARGE',
  500: undefined,
  504: 'REQUEST_OVERDUE',
};

/** Characters of a path that are sent back. */
const hrefCharactersMax = 512;

/** Characters of a method that are sent back; no registered one has more than 17. */
const methodCharactersMax = 32;

export interface ServerRequest {
  readonly method: string;
  /** As the client wrote it. */
  readonly target: string;
}

/**
 * The body of what a server of HTTP or uwsgi answers itself, as far as it is for the API.
 *
 * @param request undefined where it could not be read
 * @param isApi whether a request that could not be read counts as one of the API
 * @returns undefined where a line of text is right
 */
export function describeServerError(
  { status, text }: { readonly status: number; readonly text: string },
  request: ServerRequest | undefined,
  isApi: boolean,
): { readonly mediaType: string; readonly body: string } | undefined {
  if (!Object.hasOwn(codes, status)) return undefined;
  const { method, target } = request ?? { method: '', target: isApi ? `${apiPrefix}/` : '' };
  // The query may hold secrets.
  const path = target.split('?', 1)[0] ?? '';
  if (!isApiPath(path)) return undefined;
  const sentBack = {
    href: path.slice(0, hrefCharactersMax),
    method: method.slice(0, methodCharactersMax),
  };
  const body = JSON.stringify(apiErrorBody({ status, code: codes[status], text }, sentBack));
  return { mediaType: 'application/json; charset=utf-8', body };
}
