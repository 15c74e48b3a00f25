/** A version 3 payload is not what it should be. The message is a clause about the certificate. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError';
}
