/** Writes an outcome into the response. */

import type { Context } from 'koa';
import { apiErrorBody } from '../api-error.ts';
import { Failure, type Json, type JsonObject, type Outcome } from './outcome.ts';

export function send(context: Context, outcome: Outcome): void {
  context.status = outcome.status;
  if (outcome instanceof Failure) {
    const { code, retryAfterSeconds } = outcome.parts;
    context.state.code = code;
    if (retryAfterSeconds !== undefined) context.set('Retry-After', String(retryAfterSeconds));
    // What is left of a body that is too large is not waited for.
    if (outcome.status === 413) context.set('Connection', 'close');
    const request = { href: context.url, method: context.method };
    sendJson(context, apiErrorBody({ ...outcome.parts, code }, request) as JsonObject);
    return;
  }
  if (outcome.location !== undefined) context.set('Location', outcome.location);
  if (outcome.status !== 204) sendJson(context, outcome.body);
}

/** Nothing of it is kept by anybody on the way: it is one caller's alone, or a key. */
export function sendJson(context: Context, body: Json): void {
  context.set('Cache-Control', 'no-store');
  context.set('X-Content-Type-Options', 'nosniff');
  context.body = JSON.stringify(body);
  context.type = 'application/json; charset=utf-8';
}
