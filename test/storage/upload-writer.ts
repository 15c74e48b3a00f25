/**
 * A process that sends the same upload as others do, chunk by chunk from wherever it is, and says when it is
 * whole.
 *
 * Arguments: the directory of the storage, the id of the upload, how many bytes, the size of a chunk.
 */

import { openStorage } from '../../src/storage/open-storage.ts';
import { chunks } from './opened.ts';
import { uploadBytes } from './upload-bytes.ts';

const [, , directory = '', id = '', sizeText = '', chunkText = ''] = process.argv;
const bytes = uploadBytes(Number(sizeText));
const { uploads } = await openStorage({ directory, uploadBytesMax: bytes.length });
const outcomes = new Set<string>();
for (let size = 0; size < bytes.length; ) {
  const chunk = bytes.subarray(size, size + Number(chunkText));
  const result = await uploads.write(id, size, chunks(chunk));
  outcomes.add(result.outcome);
  size = (await uploads.sizeOf(id)) ?? bytes.length;
}
process.stdout.write(JSON.stringify([...outcomes]));
