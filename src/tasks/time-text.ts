/** Times as tasks show them: ISO 8601 in UTC, to the second. */

export function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
