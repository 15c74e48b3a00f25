/** A file: handed to the front, streamed, or answered without its bytes. */

import { errorDescriptors } from '../errors.ts';
import { unmodifiedSinceIsIgnored } from '../http/conditions.ts';
import { mediaTypeOf } from '../http/media-types.ts';
import { partialBody, wholeBody } from './body.ts';
import type { Delivery, DeliveryRequest, Undelivered } from './delivery.ts';
import type { FoundFile } from './find.ts';
import { type HandOffHeader, handOffHeader, sourceOf } from './hand-off.ts';
import { type OpenFile, openFile } from './open.ts';
import { isConditional, withUsefulDates } from './published-conditions.ts';
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
  const { found } = delivery;
  const answer = await answerFor(delivery, found);
  if (!sendsBytes(delivery, answer)) return answerWithoutBytes(delivery, found, answer);
  if (!isSentAsCharged(delivery, answer)) return streamFile(delivery);
  const bytes = bytesOf(answer, found);
  const refusal = await delivery.settle?.(bytes);
  return refusal === undefined ? handOver(delivery, header, bytes) : { refusal };
}

/** What is published has tags that no front makes: it would judge conditions by its own. */
function headerForFront(delivery: FileDelivery): HandOffHeader | undefined {
  const { handOff, found, distribution, published, settings, request } = delivery;
  if (unmodifiedSinceIsIgnored(request.headers)) return undefined;
  if (published !== undefined && isConditional(request.headers)) return undefined;
  const source = sourceOf(distribution, published?.publication, settings.internalPrefix);
  return handOffHeader(handOff, found, source);
}

async function answerFor(
  { request, published, settings }: FileDelivery,
  facts: FoundFile | OpenFile,
): Promise<Answer> {
  const { method, headers } = request;
  const { rangesMax } = settings;
  if (published === undefined) return chooseAnswer(method, headers, untagged(facts), rangesMax);
  const useful = await withUsefulDates(headers, facts, published);
  return chooseAnswer(method, useful, facts, rangesMax);
}

/** The facts that our tag is made of: of a root, the tag is nginx's own. */
function taggedBy({ published }: FileDelivery, facts: FileFacts): FileFacts {
  return published === undefined ? untagged(facts) : facts;
}

function untagged({ size, modified }: FileFacts): FileFacts {
  return { size, modified };
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
 * we do. nginx makes all three by itself, and would double the last; of what is published it takes our tag.
 */
function handOver(delivery: FileDelivery, header: HandOffHeader, bytes: number): Delivery {
  const { response, path, settings, published } = delivery;
  const validators = validatorHeaders(taggedBy(delivery, delivery.found));
  response.writeHead(200, {
    ...commonHeaders(settings.cacheControl),
    ...(header.name === 'X-Sendfile'
      ? { ...validators, 'Accept-Ranges': 'bytes' }
      : published && { ETag: validators.ETag }),
    'Content-Type': mediaTypeOf(path),
    'Content-Length': 0,
    [header.name]: header.value,
  });
  response.end();
  return { status: 200, bytes: 0, handedOver: bytes, outcome: 'handed-off' };
}

async function streamFile(delivery: FileDelivery): Promise<Delivery | Undelivered> {
  const { found, response, settings } = delivery;
  const file = await openFile(found);
  try {
    const answer = await answerFor(delivery, file);
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
      ...validatorHeaders(taggedBy(delivery, file)),
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
  const validators = validatorHeaders(taggedBy(delivery, facts));
  switch (answer.status) {
    case 304:
      return respond(response, 304, { ...headers, ...validators });
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
        ...validators,
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
