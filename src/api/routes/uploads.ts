/** Uploads: files that come in chunks, as long as they take, until a repository imports them. */

import { z } from 'zod';
import { repositoryLimits } from '../../repositories/limits.ts';
import type { Upload } from '../../repositories/uploads.ts';
import { isUploadId, Uploads } from '../../repositories/uploads.ts';
import type { WriteResult } from '../../storage/storage.ts';
import type { Caller } from '../caller.ts';
import { isoDate } from '../criteria.ts';
import { invalidValue, missingResource, uploadConflict, uploadTooLarge } from '../failures.ts';
import { created, type JsonObject, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { hrefOf, type Route, route } from '../route.ts';

type UploadParts = Pick<ApiParts, 'store' | 'storage' | 'now'>;

/** As long as no file is: a number that is one in every language. */
const offsetPattern = /^(?:0|[1-9]\d{0,14})$/;

const shownSchema = z.object({
  _href: z.string(),
  upload_id: z.string(),
  size: z.int(),
  created: z.string(),
});

export function createUploadRoutes(parts: UploadParts): Route[] {
  const uploads = new Uploads(parts.store, parts.now);
  const isOwn = async ({ upload }: { readonly upload: string }, caller: Caller) =>
    (await uploads.byId(upload))?.creator === caller.user._id;
  return [
    ...createCollectionRoutes(uploads, parts),
    ...createUploadRoute(uploads, parts, isOwn),
    chunkRoute(uploads, parts, isOwn),
  ];
}

function createCollectionRoutes(uploads: Uploads, { storage }: UploadParts): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v2/content/uploads/',
      operation: 'CREATE',
      summary: 'An upload without bytes, which its creator may fill, look at and delete',
      answer: {
        status: 201,
        schema: z.strictObject({ _href: z.string(), upload_id: z.string() }),
      },
      refusals: [409],
      handle: async ({ caller }) => {
        const { _id: user } = caller.user;
        if (await uploads.isFull(user)) return uploadConflict(tooMany, { outcome: 'full' });
        const { _id } = await uploads.create(user);
        await storage.uploads.create(_id);
        return created({ _href: uploadHref(_id), upload_id: _id });
      },
    }),
    route({
      method: 'GET',
      path: '/v2/content/uploads/',
      operation: 'READ',
      summary: 'The ids of all uploads under way',
      answer: { status: 200, schema: z.strictObject({ upload_ids: z.array(z.string()) }) },
      handle: async () => ok({ upload_ids: [...(await uploads.ids())] }),
    }),
  ];
}

const tooMany = `You have ${repositoryLimits.uploadsOfUserMax} uploads under way already; import some, or delete them.`;

type IsOwn = (params: { readonly upload: string }, caller: Caller) => Promise<boolean>;

function createUploadRoute(uploads: Uploads, { storage }: UploadParts, isOwn: IsOwn): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v2/content/uploads/{upload}/',
      operation: 'READ',
      isOwn,
      summary: 'How much of an upload is there: where to go on (ours)',
      answer: { status: 200, schema: shownSchema },
      refusals: [404],
      handle: async ({ params }) => {
        const upload = await uploads.byId(params.upload);
        const size = upload && (await storage.uploads.sizeOf(upload._id));
        if (upload === undefined || size === undefined) return missing(params.upload);
        return ok(showUpload(upload, size));
      },
    }),
    route({
      method: 'DELETE',
      path: '/v2/content/uploads/{upload}/',
      operation: 'DELETE',
      // Of one that is gone there is nothing left to protect, and clients delete what they imported.
      isOwn: async (params, caller) =>
        isUploadId(params.upload) &&
        ((await uploads.byId(params.upload)) === undefined || isOwn(params, caller)),
      summary: 'Gives an upload up; one that is gone is given up already',
      answer: { status: 200, schema: z.null() },
      refusals: [404],
      handle: async ({ params }) => {
        if (!isUploadId(params.upload)) return missing(params.upload);
        const upload = await uploads.byId(params.upload);
        if (upload === undefined) return ok(null);
        await uploads.remove(upload._id);
        await storage.uploads.remove(upload._id);
        return ok(null);
      },
    }),
  ];
}

function chunkRoute(uploads: Uploads, { storage }: UploadParts, isOwn: IsOwn): Route {
  return route({
    method: 'PUT',
    path: '/v2/content/uploads/{upload}/{offset}/',
    operation: 'UPDATE',
    isOwn,
    summary: 'Adds bytes where the upload ends; those that are there may be sent again',
    payload: 'bytes',
    answer: { status: 200, schema: z.null() },
    refusals: [404, 409, 507],
    handle: async ({ params, payload }) => {
      if (!offsetPattern.test(params.offset)) {
        return invalidValue('offset', 'it should be a whole number of at most 15 digits');
      }
      const upload = await uploads.byId(params.upload);
      if (upload === undefined) return missing(params.upload);
      await uploads.use(upload);
      const written = await storage.uploads.write(upload._id, Number(params.offset), payload);
      return answerWrite(upload._id, written);
    },
  });
}

function answerWrite(id: string, written: WriteResult): Outcome {
  switch (written.outcome) {
    case 'written':
      return ok(null);
    case 'missing':
      return missing(id);
    case 'too-large':
      return uploadTooLarge(written.bytesMax);
    default:
      return uploadConflict(conflictTexts[written.outcome], written);
  }
}

const conflictTexts = {
  closed: 'The upload is being imported, and takes no bytes any more.',
  busy: 'Another call writes to the upload at the moment.',
  gap: 'The chunk begins behind the end of the upload; it should begin at its size.',
  differs: 'The upload has other bytes at this offset already; it should go on at its size.',
} as const;

function missing(id: string): Outcome {
  return missingResource({ upload_request: id });
}

function uploadHref(upload: string): string {
  return hrefOf('/v2/content/uploads/{upload}/', { upload });
}

function showUpload(upload: Upload, size: number): JsonObject {
  const { _id, created: at } = upload;
  return { _href: uploadHref(_id), upload_id: _id, size, created: isoDate(at) };
}
