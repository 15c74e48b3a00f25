/** One question over HTTP and its answer, or why there is none. */

import { once } from 'node:events';
import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { messageOf, systemCodeOf } from '../errors.ts';
import type { HttpAnswer, HttpProblem, HttpQuestion } from '../plugin-http.ts';
import { readBody } from './read-body.ts';

/** Bytes of the head of an answer. */
export const answerHeadBytesMax = 16_384;

/** Where questions go, and how. */
export interface Target {
  readonly url: URL;
  readonly agent: Agent;
  readonly lookup: LookupFunction | undefined;
  readonly answerBytesMax: number;
}

/**
 * A question whose kept connection the server has just closed is asked once more, over a new one.
 *
 * @throws what the connection or the signal ends with
 */
export async function exchange(
  target: Target,
  question: HttpQuestion,
  signal: AbortSignal,
): Promise<HttpAnswer | HttpProblem> {
  const request = send(target, question, signal);
  try {
    return await answerTo(request, target, question);
  } catch (error) {
    const isStale = request.reusedSocket && systemCodeOf(error) === 'ECONNRESET';
    if (!isStale || signal.aborted) throw error;
    return answerTo(send(target, question, signal), target, question);
  }
}

/** The words for whatever {@link exchange} throws. */
export function describeFailure(error: unknown): string {
  // Where a name has several addresses, each has an error of its own.
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  return errors.map(messageOf).join('; ');
}

function send(target: Target, question: HttpQuestion, signal: AbortSignal): ClientRequest {
  const { url, agent, lookup } = target;
  const { method, headers = {}, body = '' } = question;
  const bytes = Buffer.from(body);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const sent = request(url, {
    method,
    agent,
    signal,
    ...(lookup && { lookup }),
    maxHeaderSize: answerHeadBytesMax,
    headers: {
      accept: '*/*',
      ...headers,
      'accept-encoding': 'identity',
      'user-agent': 'portcullis',
      ...(method === 'POST' && { 'content-length': bytes.length }),
    },
  });
  // Once the answer has begun, what breaks is told by reading it; here it would end the process.
  sent.on('error', () => {});
  sent.end(bytes);
  return sent;
}

async function answerTo(
  request: ClientRequest,
  { answerBytesMax }: Target,
  { statuses = [] }: HttpQuestion,
): Promise<HttpAnswer | HttpProblem> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const { statusCode: status = 0 } = response;
  const headers = headersOf(response);
  const problem = problemOf(status, headers, statuses);
  if (problem !== undefined) {
    response.destroy();
    return { problem };
  }
  const announced = Number(headers['content-length'] ?? 0) || 0;
  const body = await readBody(response, announced, status === 200 ? answerBytesMax : 0);
  if ('problem' in body) return body;
  const mediaType = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  return { status, headers, mediaType, body };
}

function headersOf({ headersDistinct }: IncomingMessage): Readonly<Record<string, string>> {
  const joined = Object.entries(headersDistinct).map(([name, values]) => [
    name,
    values?.join(', '),
  ]);
  return Object.fromEntries(joined);
}

function problemOf(
  status: number,
  headers: HttpAnswer['headers'],
  statuses: readonly number[],
): string | undefined {
  const { location, 'content-encoding': encoding = 'identity' } = headers;
  if (status >= 300 && status < 400 && location !== undefined) {
    return `it redirects to ${JSON.stringify(location.slice(0, 256))}, which is not followed; name that URL`;
  }
  if (status !== 200 && !statuses.includes(status)) return `it answered with the status ${status}`;
  if (encoding.toLowerCase() === 'identity') return undefined;
  return `its answer is encoded (${encoding.slice(0, 32)}), which was not asked for`;
}
