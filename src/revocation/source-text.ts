/** The lists in a file or a response: one in DER, or several in PEM, as nginx and openssl take them. */

import { listsPerSourceMax } from './limits.ts';

const begin = '-----BEGIN X509 CRL-----';
const end = '-----END X509 CRL-----';

/** The lists, DER in the order of the source, or a clause that says what is wrong with it. */
export function splitLists(
  source: Uint8Array,
): { readonly lists: readonly Uint8Array[] } | { readonly problem: string } {
  if (source.length === 0) return { problem: 'it is empty' };
  // A SEQUENCE. As text it is a zero, which begins no PEM file.
  if (source[0] === 0x30) return { lists: [source] };
  const text = Buffer.from(source.buffer, source.byteOffset, source.length);
  const lists: Uint8Array[] = [];
  let offset = 0;
  for (;;) {
    const start = text.indexOf('-----BEGIN ', offset);
    if (start < 0) break;
    const stop = text.indexOf('-----END ', start);
    if (stop < 0) return { problem: 'its last PEM block has no end' };
    if (!startsWith(text, start, begin) || !startsWith(text, stop, end)) {
      return { problem: 'it holds a PEM block that is no revocation list' };
    }
    const der = decode(text.toString('latin1', start + begin.length, stop));
    if (der === undefined) return { problem: 'a PEM block in it is not valid base64' };
    lists.push(der);
    if (lists.length > listsPerSourceMax) {
      return { problem: `it holds more than ${listsPerSourceMax} revocation lists` };
    }
    offset = stop + end.length;
  }
  if (lists.length === 0) return { problem: 'it holds no revocation list, neither DER nor PEM' };
  return { lists };
}

function startsWith(text: Buffer, offset: number, expected: string): boolean {
  return text.toString('latin1', offset, offset + expected.length) === expected;
}

/** Canonical base64 alone, in lines that end with LF or CRLF. */
function decode(text: string): Uint8Array | undefined {
  const body = text.replaceAll(/\r?\n/g, '');
  const bytes = Buffer.from(body, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === body ? new Uint8Array(bytes) : undefined;
}
