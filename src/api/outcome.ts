/** What a route answers: a body, or a refusal in the shape that Pulp's clients read. */

import type { ApiError } from '../api-error.ts';

export type Outcome = Answer | Failure;

/** What JSON can write. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}

/** With its own path. */
export type Linked = JsonObject & { readonly _href: string };

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
export function created(body: Linked): Answer {
  return new Answer(201, body, body._href);
}

/** 202 with a call report: where the client asks how the work goes. */
export function accepted(taskIds: readonly string[]): Answer {
  const spawned = taskIds.map((id) => ({ _href: `/pulp/api/v2/tasks/${id}/`, task_id: id }));
  return new Answer(202, { result: null, error: null, spawned_tasks: spawned });
}

export interface FailureParts extends Omit<ApiError, 'code'> {
  readonly code?: ApiError['code'];
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
