/** Bytes of which no part is like another. */
export function uploadBytes(size: number): Buffer {
  return Buffer.from(
    Array.from({ length: Math.ceil(size / 8) }, (_, index) => `${index}`.padStart(8)).join(''),
  ).subarray(0, size);
}
