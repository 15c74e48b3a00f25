/**
 * A strict reader of PEM certificates (RFC 7468). It takes what `openssl` writes and refuses the
 * rest: what two readers could understand differently is not evidence (T08).
 */

export interface PemLimits {
  readonly certificatesMax: number;
  /** Bytes of all certificates together, decoded. The text may be twice as long. */
  readonly bytesMax: number;
  /** Whether text may stand between the blocks (RFC 7468 section 2), as in bundles of CAs. */
  readonly textBetweenBlocks: boolean;
}

/**
 * What a client may present, its own certificate included. A v1 entitlement of 185 contents, the
 * longest that Candlepin makes, is 49 kB decoded.
 */
export const clientPemLimits: PemLimits = {
  certificatesMax: 10,
  bytesMax: 64 * 1024,
  textBetweenBlocks: false,
};

/** A file of CA certificates that the operator names. */
export const authorityPemLimits: PemLimits = {
  certificatesMax: 1000,
  bytesMax: 4 * 1024 * 1024,
  textBetweenBlocks: true,
};

/** The certificates, DER in the order of the text, or a clause that says what is wrong with it. */
export type PemCertificates =
  | { readonly certificates: readonly Uint8Array[] }
  | { readonly problem: string };

/**
 * Reads CERTIFICATE blocks and nothing else: another kind of block, a NUL, and by `limits` any
 * text outside the blocks is a problem. Lines end with LF or CRLF. The problem quotes nothing of
 * the text, which a client may have written. That the DER is a certificate is not checked here.
 */
export function parseCertificatePem(
  text: string,
  limits: PemLimits = clientPemLimits,
): PemCertificates {
  if (text.length > 2 * limits.bytesMax) return tooLong(limits);
  if (text.includes('\0')) return { problem: 'it holds a NUL character' };
  const certificates: Uint8Array[] = [];
  let bytes = 0;
  let body: string[] | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const at = `line ${index + 1}`;
    if (body === undefined) {
      const problem = lineOutside(line, limits);
      if (problem !== undefined) return { problem: `${at} ${problem}` };
      if (line === beginLine) body = [];
    } else if (line !== endLine) {
      if (line.startsWith('-')) return { problem: `${at} is neither base64 nor the block's end` };
      body.push(line);
    } else {
      const der = decodeBase64(body.join(''));
      if (der === undefined) return { problem: `the block that ends in ${at} is not valid base64` };
      certificates.push(der);
      bytes += der.length;
      body = undefined;
      if (certificates.length > limits.certificatesMax) {
        return { problem: `it holds more than ${limits.certificatesMax} certificates` };
      }
    }
  }
  if (body !== undefined) return { problem: 'its last block has no end' };
  if (certificates.length === 0) return { problem: 'it holds no certificate' };
  return bytes > limits.bytesMax ? tooLong(limits) : { certificates };
}

/** DER as one CERTIFICATE block with lines of 64 characters and a final line feed. */
export function certificateToPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [beginLine, ...lines, endLine, ''].join('\n');
}

/** The text without its private keys: what stands in a file beside a certificate is not sent with it. */
export function withoutPrivateKeys(text: string): string {
  return text.replace(
    /^-----BEGIN ([A-Z ]*PRIVATE KEY)-----$[\s\S]*?^-----END \1-----(?:\r?\n|$)/gm,
    '',
  );
}

const beginLine = '-----BEGIN CERTIFICATE-----';
const endLine = '-----END CERTIFICATE-----';

/** What is wrong with a line outside of any block; undefined when it may stand there. */
function lineOutside(line: string, limits: PemLimits): string | undefined {
  if (line === '' || line === beginLine) return undefined;
  if (line.includes('PRIVATE KEY-----')) {
    return 'begins a private key, which nobody but its owner may hold';
  }
  if (line.startsWith('-----')) return 'begins or ends a block that is no certificate';
  return limits.textBetweenBlocks ? undefined : 'stands outside of the certificate blocks';
}

/** Canonical base64 alone: Buffer ignores what it does not know, and bits that do not count. */
function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined;
}

function tooLong(limits: PemLimits): PemCertificates {
  return { problem: `it is longer than ${limits.bytesMax} bytes` };
}
