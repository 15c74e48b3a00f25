/** A file: handed to the front, streamed, or answered without its bytes. */

import { errorDescriptors } from '../errors.ts';
import { unmodifiedSinceIsIgnored } from '../http/conditions.ts';
import { mediaTypeOf } from '../http/media-types.ts';
import { partialBody, wholeBody } from './body.ts';
import type { Delivery, DeliveryRequest, Undelivered } from './delivery.ts';
import type { FoundFile } from './find.ts';
import { type HandOffHeader, handOffHeader } from './hand-off.ts';
import { openFile } from './open.ts';
import { type Answer, chooseAnswer, type FileFacts, validatorHeaders } from './representation.ts';
import { commonHeaders, respond } from './respond.ts';
import { streamBody } from './stream.ts';

type FileDelivery = DeliveryRequest<FoundFile>;
type BodyAnswer = Extract<Answer, { status: 200 | 206 }>;

/**
 * A front is asked for bytes only, and only where it sends them as we would. What has no bytes of
 * the file (HEAD, 304, 412, 416) is answered here, so that no front's reading of it matters.
 */
export async function deliverFile(delivery: FileDelivery): Promise<Delivery | Undelivered> {
  const header = headerForFront(delivery);
  if (header === undefined) return streamFile(delivery);
  const { found, request, settings } = delivery;
  const answer = chooseAnswer(request.method, request.headers, found, settings.rangesMax);
  if (!sendsBytes(delivery, answer)) return answerWithoutBytes(delivery, found, answer);
  if (!isSentAsCharged(delivery, answer)) return streamFile(delivery);
  const bytes = bytesOf(answer, found);
  const refusal = await delivery.settle?.(bytes);
  return refusal === undefined ? handOver(delivery, header, bytes) : { refusal };
}

function headerForFront(delivery: FileDelivery): HandOffHeader | undefined {
  const { handOff, found, distribution, settings } = delivery;
  if (unmodifiedSinceIsIgnored(delivery.request.headers)) return undefined;
  return handOffHeader(handOff, found, distribution, settings.internalPrefix);
}

function sendsBytes(delivery: FileDelivery, answer: Answer): answer is BodyAnswer {
  return delivery.request.method === 'GET' && (answer.status === 200 || answer.status === 206);
}

/**
 * A front that reads ranges otherwise than we do sends more than was charged, up to the whole file:
 * nginx knows no leap second in If-Range, Apache has limits of its own, and lighttpd sends near ranges
 * as one (T64).
 */
function isSentAsCharged({ settle, handOff, request }: FileDelivery, { status }: BodyAnswer) {
  if (settle === undefined || status === 200) return true;
  return handOff === 'x-accel-redirect' && request.headers['if-range'] === undefined;
}

/** Of the file or its ranges, without what stands between several of them. */
function bytesOf(answer: BodyAnswer, { size }: FileFacts): number {
  if (answer.status === 200) return size;
  return answer.ranges.reduce((bytes, { first, last }) => bytes + last - first + 1, 0);
}

/**
 * Only ever with status 200: mod_xsendfile lets the header out with any other. It keeps our
 * validators, without which every file of Apache's has the ETag "0", and tells of ranges only when
 * we do. nginx makes all three by itself, the same, and would double the last.
 */
function handOver(delivery: FileDelivery, header: HandOffHeader, bytes: number): Delivery {
  const { response, found, path, settings } = delivery;
  response.writeHead(200, {
    ...commonHeaders(settings.cacheControl),
    ...(header.name === 'X-Sendfile'
      ? { ...validatorHeaders(found), 'Accept-Ranges': 'bytes' }
      : undefined),
    'Content-Type': mediaTypeOf(path),
    'Content-Length': 0,
    [header.name]: header.value,
  });
  response.end();
  return { status: 200, bytes: 0, handedOver: bytes, outcome: 'handed-off' };
}

async function streamFile(delivery: FileDelivery): Promise<Delivery | Undelivered> {
  const { found, request, response, settings } = delivery;
  const file = await openFile(found);
  try {
    const answer = chooseAnswer(request.method, request.headers, file, settings.rangesMax);
    if (!sendsBytes(delivery, answer)) return await answerWithoutBytes(delivery, file, answer);
    const refusal = await delivery.settle?.(bytesOf(answer, file));
    if (refusal !== undefined) return { refusal };
    const contentType = mediaTypeOf(delivery.path);
    const body =
      answer.status === 206
        ? partialBody(answer.ranges, file.size, contentType)
        : wholeBody(file.size, contentType);
    response.writeHead(answer.status, {
      ...commonHeaders(settings.cacheControl),
      ...validatorHeaders(file),
      ...body.headers,
      'Content-Length': body.length,
    });
    return { status: answer.status, ...(await streamBody(file.handle, body, response)) };
  } finally {
    await file.handle.close();
  }
}

async function answerWithoutBytes(
  delivery: FileDelivery,
  facts: FileFacts,
  answer: Answer,
): Promise<Delivery> {
  const { response, path, settings } = delivery;
  const headers = commonHeaders(settings.cacheControl);
  switch (answer.status) {
    case 304:
      return respond(response, 304, { ...headers, ...validatorHeaders(facts) });
    case 412:
      return respondWithError(delivery, 'PRECONDITION_FAILED', headers);
    case 416:
      return respondWithError(delivery, 'RANGE_NOT_SATISFIABLE', {
        ...headers,
        'Content-Range': `bytes */${facts.size}`,
      });
    default: {
      const body = wholeBody(facts.size, mediaTypeOf(path));
      return respond(response, 200, {
        ...headers,
        ...validatorHeaders(facts),
        ...body.headers,
        'Content-Length': body.length,
      });
    }
  }
}

async function respondWithError(
  delivery: FileDelivery,
  code: 'PRECONDITION_FAILED' | 'RANGE_NOT_SATISFIABLE',
  headers: Readonly<Record<string, string>>,
): Promise<Delivery> {
  const { status, publicText } = errorDescriptors[code];
  const text = `${publicText}\n`;
  return respond(
    delivery.response,
    status,
    { ...headers, 'Content-Type': 'text/plain', 'Content-Length': text.length },
    text,
  );
}
