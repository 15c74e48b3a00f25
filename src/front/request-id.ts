/** The id by which a request is found in the logs of the front and of Portcullis, and in an error. */

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { uwsgiOf } from '../uwsgi/request.ts';

const usable = /^[A-Za-z0-9._-]{1,64}$/;

/** Unique to this process; a counter behind it costs less than fresh random bytes. */
const prefix = randomBytes(6).toString('hex');
let requests = 0;

/** The front's own id (the parameter REQUEST_ID: a client cannot set it), or one made here. */
export function requestIdOf(request: IncomingMessage): string {
  const given = uwsgiOf(request)?.get('REQUEST_ID');
  if (given !== undefined && usable.test(given)) return given;
  requests += 1;
  return `${prefix}-${requests.toString(36)}`;
}
