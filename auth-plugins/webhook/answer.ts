/** What the service answers, read strictly: only the exact shape of an allow lets anybody in (T60). */

import type { Asked, Decision, HttpAnswer, Remember } from 'portcullis/plugin';
import { z } from 'zod';

/** The longest reason of the service that is written to the log, in UTF-16 code units. */
export const reasonCharactersMax = 256;

/** The longest principal, likewise. */
export const principalCharactersMax = 256;

const memory = {
  rememberSeconds: z.number().min(0).max(86_400).default(0),
  scope: z.enum(['path', 'distribution']).default('path'),
};

const allowSchema = z.strictObject({
  allow: z.literal(true),
  principal: z
    .string()
    .min(1)
    .max(principalCharactersMax)
    .regex(/^\P{C}*$/u)
    .optional(),
  ...memory,
});

const denySchema = z.strictObject({
  allow: z.literal(false),
  reason: z.string().optional(),
  challenge: z.enum(['basic', 'bearer', 'invalid-token']).optional(),
  ...memory,
});

const answerSchema = z.discriminatedUnion('allow', [allowSchema, denySchema]);

/** @param service as reasons and principals name it */
export function readAnswer(
  { mediaType, body }: HttpAnswer,
  format: 'plain' | 'opa',
  service: string,
): Asked<Decision> {
  if (mediaType !== 'application/json') {
    return { problem: `its answer is ${mediaType ?? 'of no type'}, and not application/json` };
  }
  const parsed = parse(body);
  if ('problem' in parsed) return parsed;
  const given = format === 'opa' ? resultOf(parsed.value) : parsed.value;
  if (given === undefined)
    return { problem: 'its answer has no result: the policy is not defined' };
  const answer = answerSchema.safeParse(given);
  // What the parser says repeats what the service sent.
  if (!answer.success) return { problem: 'its answer is not of the shape that is known here' };
  return { value: decisionOf(answer.data, service) };
}

function parse(body: Uint8Array): Asked<unknown> {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch {
    return { problem: 'its answer is not JSON' };
  }
}

/** A policy may be a mere yes or no. What else the endpoint says of the evaluation is nothing to us. */
function resultOf(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !Object.hasOwn(answer, 'result')) {
    return undefined;
  }
  const { result } = answer as { readonly result: unknown };
  return typeof result === 'boolean' ? { allow: result } : result;
}

function decisionOf(answer: z.infer<typeof answerSchema>, service: string): Decision {
  const { rememberSeconds: seconds, scope } = answer;
  const remember: { readonly remember?: Remember } =
    seconds > 0 ? { remember: { seconds, scope } } : {};
  if (!answer.allow) {
    const { reason = '', challenge } = answer;
    const why = reason === '' ? '' : `: ${JSON.stringify(clean(reason))}`;
    const given = challenge === undefined ? {} : { challenge };
    return {
      outcome: 'deny',
      reason: `the service ${service} refuses${why}`,
      ...given,
      ...remember,
    };
  }
  if (answer.principal === undefined) return { outcome: 'allow', ...remember };
  const name = `webhook:${service} ${answer.principal}`;
  const principal = { kind: 'plugin', name, label: answer.principal } as const;
  return { outcome: 'allow', principal, ...remember };
}

/** One line, without anything that a terminal or a reader of logs could take for more than text (T87). */
function clean(reason: string): string {
  const text = reason.slice(0, reasonCharactersMax).toWellFormed();
  const cut = reason.length > reasonCharactersMax ? '…' : '';
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ') + cut;
}
