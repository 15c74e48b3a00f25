/** The shape of an explanation, as `presentExplanation` makes it. */

import { z } from 'zod';

const text = z.string().nullable();

/** A node of the tree, whose children are nodes again. */
const node = z.looseObject({
  label: z.string(),
  at: z.string(),
  outcome: z.enum(['allow', 'deny', 'abstain', 'fault', 'not evaluated']),
  reason: text,
  remembered: z.object({ outcome: z.enum(['allow', 'deny']), seconds: z.number() }).nullable(),
  certificate: z.record(z.string(), z.unknown()).nullable(),
  children: z.array(z.record(z.string(), z.unknown())),
});

export const explanationSchema = z.object({
  outcome: z.enum(['allow', 'deny', 'fault', 'not-found']),
  status: z.int(),
  reason: z.string(),
  distribution: text,
  path: text,
  principal: z.object({ kind: z.string(), name: z.string(), label: text }).nullable(),
  request: z.object({
    method: z.enum(['GET', 'HEAD']),
    secure: z.boolean(),
    address: text,
    user: text,
    password: z.enum(['given', 'assumed', 'none']),
    token: z.enum(['given', 'none']),
    query: z.enum(['given', 'none']),
    remote_user: text,
  }),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  certificate: z
    .object({
      fingerprint: z.string(),
      problem: text,
      subject: text,
      issuer: text,
      serial: text,
      not_before: text,
      not_after: text,
      intermediates: z.int(),
    })
    .nullable(),
  tree: node.nullable(),
  bounds: z.array(z.object({ change: z.string(), seconds: z.number().nullable() })),
});
