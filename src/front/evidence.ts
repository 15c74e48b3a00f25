/**
 * The trust boundary: reads what the client presented, and what the front vouches for, into one
 * frozen value. Each listener has its reader; nothing else reads identity from a request.
 */

import type { IncomingMessage } from 'node:http';
import { PortcullisError } from '../errors.ts';
import { parseAuthorization } from '../http/basic.ts';
import type { Evidence } from '../model.ts';

/**
 * Reads the evidence of one request.
 *
 * @throws PortcullisError BAD_REQUEST when a header that decides about access is malformed or
 *   contradicts itself: such a request is refused whole, on public content too (T02, T53)
 */
export type EvidenceReader = (request: IncomingMessage) => Evidence;

const authorizationOnly: ReadonlySet<string> = new Set(['authorization']);

/** The parts of the evidence that are the client's own word, on every listener. */
export type Credentials = Pick<Evidence, 'basic' | 'bearer' | 'query'>;

/** What the client itself says of who it is; schemes other than Basic and Bearer count as none. */
export function readCredentials(request: IncomingMessage): Credentials {
  refuseRepeated(request, authorizationOnly);
  const authorization = parseAuthorization(request.headers.authorization);
  if (authorization.kind === 'malformed') {
    throw new PortcullisError(
      'BAD_REQUEST',
      `Cannot read the Authorization header: ${authorization.reason}`,
    );
  }
  const query = queryOf(request.url ?? '');
  if (authorization.kind === 'bearer') {
    return { basic: undefined, bearer: authorization.credential, query };
  }
  if (authorization.kind !== 'basic') return { basic: undefined, bearer: undefined, query };
  const { user, password } = authorization;
  return { basic: Object.freeze({ user, password }), bearer: undefined, query };
}

/** As `Evidence.query`. */
export function queryOf(rawTarget: string): string | undefined {
  const mark = rawTarget.indexOf('?');
  return mark === -1 ? undefined : rawTarget.slice(mark + 1);
}

/** `X_Client.Cert` and `X-Client-Cert` are one name to software behind CGI, so they are one here. */
export function normalizeHeaderName(name: string): string {
  return name.toLowerCase().replaceAll(/[_.]/g, '-');
}

/**
 * A header that decides about access and arrives twice, in any spelling, is an attack (T02, T03).
 * Node itself would silently keep one of them.
 *
 * @param names normalized
 */
export function refuseRepeated(request: IncomingMessage, names: ReadonlySet<string>): void {
  const seen = new Set<string>();
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const written = request.rawHeaders[index] ?? '';
    const name = normalizeHeaderName(written);
    if (!names.has(name)) continue;
    if (seen.has(name)) {
      throw new PortcullisError(
        'BAD_REQUEST',
        `Cannot tell which header to believe: ${JSON.stringify(written)} came more than once`,
      );
    }
    seen.add(name);
  }
}

export function freezeEvidence(evidence: Evidence): Evidence {
  return Object.freeze(evidence);
}
