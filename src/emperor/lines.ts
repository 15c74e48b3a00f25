/** Lines out of a stream of bytes, with a limit to what is kept of one. */

export interface LineReader {
  /** Adds bytes, and gives the lines that they complete, without their line feeds. */
  read(chunk: Buffer): readonly string[];
}

const lineFeed = 10;

/**
 * @param bytesMax the longest line
 * @param onTooLong hears of a longer one once; the rest of it is dropped
 */
export function createLineReader(bytesMax: number, onTooLong: () => void): LineReader {
  let parts: Buffer[] = [];
  let length = 0;
  let isDropping = false;
  const keep = (bytes: Buffer): void => {
    if (isDropping) return;
    length += bytes.length;
    if (length <= bytesMax) {
      parts.push(bytes);
      return;
    }
    isDropping = true;
    parts = [];
    onTooLong();
  };
  const takeLine = (): readonly string[] => {
    const lines = isDropping ? [] : [Buffer.concat(parts).toString()];
    parts = [];
    length = 0;
    isDropping = false;
    return lines;
  };
  return {
    read: (chunk) => {
      const lines: string[] = [];
      let start = 0;
      for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
        keep(chunk.subarray(start, end));
        lines.push(...takeLine());
        start = end + 1;
      }
      if (start < chunk.length) keep(chunk.subarray(start));
      return lines;
    },
  };
}
