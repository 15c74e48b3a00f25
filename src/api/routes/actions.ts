/** Login and logout: a session is a certificate, and nothing else. */

import { z } from 'zod';
import { sessionSecondsDefault } from '../../identity/session-authority.ts';
import { unauthenticated } from '../failures.ts';
import { ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { type Route, route } from '../route.ts';

export function createActionRoutes(parts: ApiParts): Route[] {
  const { people, sessionAuthority, sessionSeconds = sessionSecondsDefault } = parts;
  return [
    route({
      method: 'POST',
      path: '/v2/actions/login/',
      operation: 'READ',
      summary: 'A key and a certificate by which the caller is known for a week',
      answer: {
        status: 200,
        schema: z.strictObject({ key: z.string(), certificate: z.string() }),
      },
      handle: async ({ caller: { login, user } }) => {
        const holder = { kind: 'user', login, id: user._id } as const;
        const { key, certificate, ...issued } = await sessionAuthority.issue(
          holder,
          sessionSeconds,
        );
        const { serial, notAfter: expires } = issued;
        await people.sessions.open({ serial, user: user._id, expires });
        // Who was disabled or deleted meanwhile may have had all sessions closed but this one.
        if (await people.users.isEnabled(user._id)) return ok({ key, certificate });
        await people.sessions.close(serial);
        return unauthenticated('authentication_failed');
      },
    }),
    route({
      method: 'POST',
      path: '/v2/actions/logout/',
      operation: 'READ',
      summary: 'Ends the session of the certificate; called with a password, all of the user',
      answer: { status: 200, schema: z.null() },
      handle: async ({ caller: { user, session } }) => {
        if (session === undefined) await people.sessions.closeAll(user._id);
        else await people.sessions.close(session);
        return ok(null);
      },
    }),
  ];
}
