/**
 * What may be a password, and its one spelling in bytes: the OpaqueString profile of RFC 8265
 * section 4.2, which RFC 7617 section 2.1 asks of Basic. So a password is the same from a keyboard
 * that composes its letters and from one that does not.
 */

/** Bytes of a password in UTF-8, after normalisation. One more is refused without a hash (T50). */
export const passwordBytesMax = 1024;

/** A password in the bytes that are hashed. */
export interface Password {
  readonly bytes: Uint8Array;
}

/**
 * Reads a password that shall be set or verified; a clause says why it can be none. Control
 * characters are refused: Basic cannot carry them, and a NUL at its end would make no difference to
 * HMAC, on which every hash here is built, so that `a` would open what `a\0` closed.
 */
export function readPassword(text: string): Password | { readonly problem: string } {
  // The length in UTF-16 first: it is at most the length in bytes, and costs nothing.
  if (text.length > passwordBytesMax) return tooLong;
  if (!text.isWellFormed()) return { problem: 'it is not valid Unicode' };
  if (/\p{Cc}/u.test(text)) return { problem: 'it has a control character' };
  const bytes = Buffer.from(text.replaceAll(/\p{Zs}/gu, ' ').normalize('NFC'));
  if (bytes.length === 0) return { problem: 'it is empty' };
  return bytes.length > passwordBytesMax ? tooLong : { bytes };
}

const tooLong = { problem: `it is longer than ${passwordBytesMax} bytes` } as const;
