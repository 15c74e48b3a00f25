/** Signed links, which Pulp's API has not: a URL that lets in whoever has it, for a time. */

import { z } from 'zod';
import { storableText } from '../check-input.ts';
import { isoDate } from '../criteria.ts';
import { invalidValues, missingResource, notConfigured } from '../failures.ts';
import { type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { type Route, route } from '../route.ts';
import type { LinkRequest } from '../signed-links/link-signer.ts';

const linkSchema = z.strictObject({
  url: z.string(),
  distribution: z.string(),
  path: z.string(),
  method: z.enum(['GET', 'HEAD']),
  below: z.boolean(),
  address: z.string().nullable(),
  key: z.string(),
  from: z.string(),
  expires: z.string(),
});

const short = z.string().max(1024).nullish();

const body = z.strictObject({
  path: storableText.nullish(),
  prefix: short,
  method: z.enum(['GET', 'HEAD']).nullish(),
  seconds: z.int().min(1).nullish(),
  address: short,
  below: z.boolean().nullish(),
  key: short,
});

type Links = Pick<ApiParts, 'links' | 'log'>;

/**
 * The distribution is part of the path, so that a grant is about one, or about those below a path:
 * a caller gives away no more than what was granted.
 */
export function createSignedLinkRoutes({ links, log }: Links): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v2/signed_links/{+distribution}/',
      operation: 'CREATE',
      summary: 'A URL that lets in whoever has it, to a file or a directory of a distribution',
      body,
      answer: { status: 200, schema: linkSchema },
      refusals: [403, 404],
      handle: async ({ params: { distribution }, body: asked, caller }) => {
        const request = requestOf(distribution, asked);
        return signLink(request, caller.login, { links, log });
      },
    }),
  ];
}

function requestOf(distribution: string, asked: z.output<typeof body>): LinkRequest {
  const { path, prefix, method, seconds, address, below, key } = asked;
  return {
    distribution,
    path: path ?? '',
    prefix: prefix ?? undefined,
    method: method ?? 'GET',
    seconds: seconds ?? undefined,
    address: address ?? undefined,
    below: below ?? false,
    key: key ?? undefined,
  };
}

async function signLink(
  request: LinkRequest,
  login: string,
  { links, log }: Links,
): Promise<Outcome> {
  const { distribution, method, below } = request;
  if (links === undefined) return notConfigured('No links are signed', 'api.links');
  const prefix = await links.prefixOf(distribution);
  if (prefix === undefined) return missingResource({ distribution });
  const signed = await links.sign({ ...request, prefix: request.prefix ?? prefix });
  if ('problem' in signed) return invalidValues([signed]);
  const { url, path, key } = signed;
  const [from, expires] = [isoDate(signed.from), isoDate(signed.expires)];
  const address = signed.address ?? null;
  const terms = { distribution, path, method, below, address, from, expires };
  // Without the URL: whoever reads the log must not come in by it (T62).
  log.info('A link was signed', { user: login, keyId: key, ...terms });
  return ok({ url, key, ...terms });
}
