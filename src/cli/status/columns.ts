/** Tables of text. */

export interface Column<Row> {
  readonly title: string;
  /** Texts begin at one column, numbers end at one. */
  readonly isText?: true;
  readonly value: (row: Row) => string;
}

/** What stands for a value that is not known. */
export const unknown = '-';

/** The titles, and a line for each row. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): readonly string[] {
  const titles = columns.map(({ title }) => title);
  const table = [titles, ...rows.map((row) => columns.map(({ value }) => value(row)))];
  const widths = columns.map((_, index) =>
    Math.max(...table.map((row) => row[index]?.length ?? 0)),
  );
  return table.map((row) =>
    row
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return columns[index]?.isText ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** @param at Unix time, seconds; 0 is not known */
export function describeAge(at: number, now: Date): string {
  if (at === 0) return unknown;
  const seconds = Math.max(0, Math.floor(now.getTime() / 1000 - at));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
