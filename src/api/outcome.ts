/** What a route answers: a body, or a refusal in the shape that Pulp's clients read. */

import type { ErrorCode } from '../errors.ts';

export type Outcome = Answer | Failure;

/** What JSON can write. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}

/** A success. 204 has no body, whatever is in `body`. */
export class Answer {
  readonly status: 200 | 201 | 202 | 204;
  readonly body: Json;
  /** The path of what was made. */
  readonly location: string | undefined;

  constructor(status: Answer['status'], body: Json, location?: string) {
    this.status = status;
    this.body = body;
    this.location = location;
  }
}

export function ok(body: Json): Answer {
  return new Answer(200, body);
}

/** 201 with what was made; its `_href` is the Location. */
export function created(body: JsonObject & { readonly _href: string }): Answer {
  return new Answer(201, body, body._href);
}

/** 202 with a call report: where the client asks how the work goes. */
export function accepted(taskIds: readonly string[]): Answer {
  const spawned = taskIds.map((id) => ({ _href: `/pulp/api/v2/tasks/${id}/`, task_id: id }));
  return new Answer(202, { result: null, error: null, spawned_tasks: spawned });
}

export interface FailureParts {
  readonly status: number;
  /** As `PLP0009`; undefined for a defect of ours, of which nothing is told. */
  readonly code?: `PLP${string}` | ErrorCode;
  readonly text: string;
  /** Keys of the kind at the top level of the body, as `resources`. */
  readonly extra?: JsonObject;
  readonly data?: JsonObject;
  readonly retryAfterSeconds?: number;
}

/** A refusal. It is a value: whoever finds it hands it back. */
export class Failure {
  readonly parts: FailureParts;

  constructor(parts: FailureParts) {
    this.parts = parts;
  }

  get status(): number {
    return this.parts.status;
  }
}

/** The body of every 4xx and 5xx: pulp-admin ends with a fault of its own where a key is missing. */
export function failureBody(
  { parts }: Failure,
  request: { readonly href: string; readonly method: string },
): JsonObject {
  const { status, code, text, extra = {}, data = {} } = parts;
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
