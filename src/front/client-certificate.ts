/** Reads the client certificate as fronts spell it: raw, escaped, tab-continued, or on one line. */

import { hash } from 'node:crypto';
import type { ClientCertificate, Evidence, Unusable, Voucher } from '../model.ts';
import { parseCertificatePem } from '../pem.ts';

/** The longest certificate text read from a front, in characters; the rest of a header has room too. */
export const certificateCharactersMax = 262_144;

/** Base64 in PEM never needs a percent sign, so one means that the front escaped the text. */
const escaped = /%[0-9A-Fa-f]{2}/;
const begin = '-----BEGIN CERTIFICATE-----';
const end = '-----END CERTIFICATE-----';

/** What a client presented as its certificate, if anything. */
export type PresentedCertificate = Evidence['certificate'];

/**
 * @param text the leaf first, then any intermediates; empty and undefined mean that there is none
 * @returns {@link Unusable} for anything but CERTIFICATE blocks: a rule then denies with that reason
 */
export function readClientCertificate(
  text: string | undefined,
  vouchedBy: Voucher,
): PresentedCertificate {
  if (text === undefined || text === '') return undefined;
  if (text.length > certificateCharactersMax) {
    return unusable(`it is longer than ${certificateCharactersMax} characters`);
  }
  const pem = normalize(text);
  if (pem === undefined) return unusable('its percent-escapes are broken');
  const parsed = parseCertificatePem(pem);
  if ('problem' in parsed) return unusable(parsed.problem);
  return fromDer(parsed.certificates, vouchedBy);
}

/** What a {@link CertificateReader} keeps at most, in characters of certificate text. */
export const rememberedCharactersMax = 4 * 1024 * 1024;

/**
 * Reads certificates as {@link readClientCertificate} does, and remembers what it read: a front sends
 * the same text with every request of a client. The oldest texts go when they are too much together.
 */
export class CertificateReader {
  readonly #read = new Map<string, PresentedCertificate>();
  readonly #charactersMax: number;
  #characters = 0;

  constructor(charactersMax = rememberedCharactersMax) {
    this.#charactersMax = charactersMax;
  }

  /** Characters of the texts that are remembered. */
  get characters(): number {
    return this.#characters;
  }

  read(text: string | undefined): PresentedCertificate {
    if (text === undefined) return undefined;
    const known = this.#read.get(text);
    if (known !== undefined) return known;
    const certificate = readClientCertificate(text, 'front');
    this.#read.set(text, certificate);
    this.#characters += text.length;
    for (const oldest of this.#read.keys()) {
      if (this.#characters <= this.#charactersMax) break;
      this.#read.delete(oldest);
      this.#characters -= oldest.length;
    }
    return certificate;
  }
}

/** Builds the evidence from DER certificates, the leaf first. */
export function fromDer(
  [der, ...intermediates]: readonly Uint8Array[],
  vouchedBy: Voucher,
): ClientCertificate | Unusable {
  if (der === undefined) return unusable('it holds no certificate');
  return Object.freeze({
    der,
    fingerprint: hash('sha256', der, 'hex'),
    intermediates: Object.freeze(intermediates),
    vouchedBy,
  });
}

/**
 * A front that sends a certificate and says that there was none is not to be understood (T09).
 *
 * @param verdict what it says, as `SSL_CLIENT_VERIFY=NONE`
 */
export function contradicted(verdict: string): Unusable {
  return Object.freeze({ unusable: `the front sent a certificate and says ${verdict}` });
}

function unusable(problem: string): Unusable {
  return Object.freeze({ unusable: `the client certificate cannot be used: ${problem}` });
}

function normalize(text: string): string | undefined {
  const unescaped = escaped.test(text) ? decodeEscapes(text) : text;
  if (unescaped === undefined) return undefined;
  const continued = unescaped.replaceAll('\n\t', '\n').replaceAll('\n ', '\n');
  return continued.includes('\n') ? continued : splitOneLine(continued);
}

function decodeEscapes(text: string): string | undefined {
  const decoded = text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decoded.includes('%') ? undefined : decoded;
}

/** Apache before 2.4.10 and header writers put a space where each line ended. */
function splitOneLine(text: string): string {
  return text
    .replaceAll(`${begin} `, `${begin}\n`)
    .replaceAll(` ${end}`, `\n${end}`)
    .replaceAll(`${end} `, `${end}\n`)
    .split('\n')
    .map((line) => (line.startsWith('-----') ? line : line.replaceAll(' ', '\n')))
    .join('\n');
}
