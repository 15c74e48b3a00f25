/** What every call has: a request id, a line in the log, and an answer whatever happens. */

import type { Context, Middleware } from 'koa';
import { messageOf } from '../errors.ts';
import { requestIdOf } from '../front/request-id.ts';
import { failureOf } from './failures.ts';
import type { ApiParts } from './parts.ts';
import { send } from './send.ts';

export function createEnvelope({ log }: Pick<ApiParts, 'log'>): Middleware {
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
      method: context.method,
      path: pathOf(context),
      status: context.status,
      code: context.state.code,
      user: context.state.user,
      milliseconds: Math.round(performance.now() - begun),
    });
  };
}

/** Without the query, where secrets are sent by mistake. */
function pathOf(context: Context): string {
  return context.url.split('?', 1)[0] ?? '';
}
