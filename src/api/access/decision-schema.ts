/** The shape of an entry of the decision log, as `presentDecision` makes it. */

import { z } from 'zod';
import type { PresentedDecision } from '../../audit/present-decision.ts';

const text = z.string().nullable();
const count = z.number().nullable();

export const decisionSchema = z.object({
  time: z.string(),
  request_id: z.string(),
  method: z.string(),
  path: z.string(),
  distribution: text,
  publication: text,
  outcome: z.string(),
  status: z.int(),
  code: text,
  reason: text,
  rule: text,
  principal: text,
  subject: text,
  address: text,
  secure: z.boolean(),
  user: text,
  remote_user: text,
  fingerprint: text,
  unlogged: z.array(z.string()),
  remembered: z.boolean(),
  delivery: text,
  bytes: count,
  handed_over: count,
  charged_bytes: count,
  milliseconds: z.number(),
}) satisfies z.ZodType<PresentedDecision>;
