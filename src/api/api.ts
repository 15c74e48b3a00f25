/** The REST API of Pulp 2, as a listener for a server of HTTP or uwsgi. */

import type { RequestListener } from 'node:http';
import Koa from 'koa';
import { createDispatcher } from './dispatch.ts';
import { createEnvelope } from './envelope.ts';
import type { ApiParts } from './parts.ts';
import { createRoutes } from './routes.ts';

/** Opens nothing: what it needs is passed in, and closed by whoever made it. */
export function createApi(parts: ApiParts): RequestListener {
  const application = new Koa();
  // Nothing gets past the envelope but what ends with the connection, of which nobody is told.
  application.silent = true;
  application.use(createEnvelope(parts));
  application.use(createDispatcher(createRoutes(parts), parts));
  return application.callback();
}
