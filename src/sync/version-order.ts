/** Which of two packages is the newer one, as rpm has it (rpmvercmp). */

export interface PackageVersion {
  readonly epoch: string;
  readonly version: string;
  readonly release: string;
}

/** Positive when `one` is newer, negative when `other` is. */
export function compareVersions(one: PackageVersion, other: PackageVersion): number {
  return (
    Number(one.epoch) - Number(other.epoch) ||
    compareLabels(one.version, other.version) ||
    compareLabels(one.release, other.release)
  );
}

/**
 * Numbers count as numbers, and more than letters; `~` is older than nothing at all, `^` newer than
 * nothing, but older than anything else.
 */
export function compareLabels(one: string, other: string): number {
  const [ones, others] = [partsOf(one), partsOf(other)];
  for (let index = 0; index < Math.max(ones.length, others.length); index += 1) {
    const difference = compareParts(ones[index], others[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function partsOf(label: string): readonly string[] {
  return label.match(/~|\^|\d+|[A-Za-z]+/g) ?? [];
}

function compareParts(one: string | undefined, other: string | undefined): number {
  const difference = rankOf(one) - rankOf(other);
  if (difference !== 0 || one === undefined || other === undefined) return difference;
  if (!/^\d/.test(one)) return one < other ? -1 : Number(one > other);
  const [left, right] = [one.replace(/^0+/, ''), other.replace(/^0+/, '')];
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : Number(left > right);
}

function rankOf(part: string | undefined): number {
  if (part === '~') return 0;
  if (part === undefined) return 1;
  if (part === '^') return 2;
  return /^\d/.test(part) ? 4 : 3;
}
