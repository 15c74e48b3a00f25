/** What every call has: a request id, a line in the log, and an answer whatever happens. */

import type { Context, Middleware } from 'koa';
import { messageOf } from '../errors.ts';
import type { EvidenceReader } from '../front/evidence.ts';
import { requestIdOf } from '../front/request-id.ts';
import { failureOf } from './failures.ts';
import type { ApiParts } from './parts.ts';
import { send } from './send.ts';

export function createEnvelope({
  log,
  readEvidence,
}: Pick<ApiParts, 'log' | 'readEvidence'>): Middleware {
  return async (context, next) => {
    const requestId = requestIdOf(context.req);
    context.set('X-Request-Id', requestId);
    const begun = performance.now();
    try {
      await next();
    } catch (error) {
      // The client is gone: nobody is left to be answered.
      if (context.req.destroyed && !context.req.complete) return;
      const failure = failureOf(error);
      send(context, failure);
      const tell = failure.status >= 500 ? log.error : log.info;
      tell.call(log, 'A call of the API failed', { requestId, error: messageOf(error) });
    }
    log.info('A call of the API', {
      requestId,
      address: addressOf(context, readEvidence),
      method: context.method,
      path: pathOf(context),
      status: context.status,
      code: context.state.code,
      user: context.state.user,
      milliseconds: Math.round(performance.now() - begun),
    });
  };
}

/** From where passwords are tried; undefined where the front does not say, or makes no sense. */
function addressOf({ req }: Context, readEvidence: EvidenceReader): string | undefined {
  try {
    return readEvidence(req).address;
  } catch {
    return undefined;
  }
}

/** Without the query, where secrets are sent by mistake. */
function pathOf(context: Context): string {
  return context.url.split('?', 1)[0] ?? '';
}
