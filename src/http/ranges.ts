/**
 * Byte ranges (RFC 9110 §14). Where the RFC leaves the server a choice, ours is that of nginx
 * (ngx_http_range_filter_module), so that a file comes out the same whoever sends it.
 */

/** One satisfiable range: the first and the last byte, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export type RangeSelection =
  | { readonly kind: 'whole' }
  | { readonly kind: 'unsatisfiable' }
  | { readonly kind: 'partial'; readonly ranges: readonly ByteRange[] };

const whole: RangeSelection = { kind: 'whole' };
const unsatisfiable: RangeSelection = { kind: 'unsatisfiable' };

/** The largest position that a file system can name: 2^63 − 1, in decimal. */
const positionMax = '9223372036854775807';

const unit = /^bytes=/i;

/**
 * One range-spec with the spaces that nginx takes, up to the comma or the end. No two unbounded
 * parts of it can match the same characters, so that it takes linear time.
 */
const rangeSpec = / *(?:([0-9]+) *-(?: *([0-9]+))?|-([0-9]+)) *(,|$)/y;

/**
 * What a Range header selects from `size` bytes.
 *
 * The ranges stay in the order they were asked for and are never merged. The whole is sent instead
 * when more than `rangesMax` are satisfiable or when they add up to more than the whole (T74). A
 * set with a mistake in it is unsatisfiable; another unit than bytes is ignored.
 *
 * @param rangesMax satisfiable ranges in one request; 0 turns ranges off
 */
export function selectRanges(
  header: string | undefined,
  size: number,
  rangesMax: number,
): RangeSelection {
  if (header === undefined || rangesMax === 0) return whole;
  if (header.length < 'bytes=0'.length || !unit.test(header)) return whole;
  const ranges: ByteRange[] = [];
  let total = 0;
  rangeSpec.lastIndex = 'bytes='.length;
  for (;;) {
    const spec = rangeSpec.exec(header);
    if (spec === null) return unsatisfiable;
    const range = resolve(spec, size);
    if (range === 'invalid') return unsatisfiable;
    if (range === 'everything') return whole;
    if (range !== 'none') {
      if (ranges.length === rangesMax) return whole;
      ranges.push(range);
      total += range.last - range.first + 1;
    }
    if (spec[4] !== ',') break;
  }
  if (ranges.length === 0) return unsatisfiable;
  return total > size ? whole : { kind: 'partial', ranges };
}

/** `everything` is nginx's answer to a range of no bytes at position 0, as every one of no file. */
function resolve(
  spec: RegExpExecArray,
  size: number,
): ByteRange | 'none' | 'everything' | 'invalid' {
  const [, from, to, suffix] = spec;
  if (overflows(from) || overflows(to) || overflows(suffix)) return 'invalid';
  const first = suffix === undefined ? Number(from) : Math.max(size - Number(suffix), 0);
  const last = suffix !== undefined || to === undefined ? size - 1 : Math.min(Number(to), size - 1);
  if (first <= last) return { first, last };
  return first === 0 ? 'everything' : 'none';
}

/** Compared as text: a double holds no position above 2^53 exactly (T75). */
function overflows(digits: string | undefined): boolean {
  if (digits === undefined || digits.length < positionMax.length) return false;
  const significant = digits.replace(/^0+/, '');
  return (
    significant.length > positionMax.length ||
    (significant.length === positionMax.length && significant > positionMax)
  );
}
