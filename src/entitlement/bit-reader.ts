/** Reads bits, the most significant of each byte first. */

import { PayloadError } from './payload-error.ts';

export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get bitsLeft(): number {
    return this.#bytes.length * 8 - this.#position;
  }

  /** @throws PayloadError when there is none left */
  read(): number {
    const byte = this.#bytes[this.#position >> 3];
    if (byte === undefined) throw new PayloadError('its payload is cut off');
    const bit = (byte >> (7 - (this.#position & 7))) & 1;
    this.#position += 1;
    return bit;
  }

  /** @throws PayloadError unless all that is left are the zeros that fill the last byte */
  end(): void {
    let isPadding = this.bitsLeft < 8;
    while (isPadding && this.bitsLeft > 0) isPadding = this.read() === 0;
    if (!isPadding) throw new PayloadError('its payload holds more than it may');
  }
}
