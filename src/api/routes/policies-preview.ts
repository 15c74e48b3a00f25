/** Previews: what a client would get by a policy that is not saved. */

import { z } from 'zod';
import { presentExplanation } from '../../access/present-explanation.ts';
import { findSeenCertificate } from '../../audit/seen-certificates.ts';
import { explanationSchema } from '../access/explanation-schema.ts';
import {
  hypotheticalRequest,
  propertyOfQuery,
  readHypotheticalRequest,
} from '../access/hypothetical-request.ts';
import { invalidValue, invalidValues } from '../failures.ts';
import { Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { accessMembers } from '../policies/show-policy.ts';
import { policyProblems } from '../policies/tree-problems.ts';
import { type Route, route } from '../route.ts';

const body = z.strictObject({ ...hypotheticalRequest, ...accessMembers });

type Parts = Pick<ApiParts, 'policies' | 'preview' | 'store'>;

export function createPreviewRoutes(parts: Parts): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v2/access/preview/',
      operation: 'EXECUTE',
      summary: 'What a client would get by a policy that is not saved, and why',
      body,
      answer: { status: 200, schema: explanationSchema },
      handle: async ({ body: asked, caller: { login } }) => preview(asked, login, parts),
    }),
  ];
}

async function preview(
  { access, paths, ...request }: z.output<typeof body>,
  guesser: string,
  { policies, preview: play, store }: Parts,
): Promise<Outcome> {
  const checked = await policies.checkAccess({ access, paths });
  if ('problems' in checked) return invalidValues(policyProblems(checked.problems));
  const find = (fingerprint: string) => findSeenCertificate(store, fingerprint);
  const query = await readHypotheticalRequest(request, guesser, find);
  if (query instanceof Failure) return query;
  const played = await play(query, checked.read);
  if (played instanceof Failure) return played;
  if ('problem' in played) return invalidValue(propertyOfQuery[played.property], played.problem);
  return ok(presentExplanation(played));
}
