/** What a schedule does things to. */

export type ScheduleSubject =
  | { readonly kind: 'importer'; readonly repository: string; readonly id: string }
  | { readonly kind: 'distributor'; readonly repository: string; readonly id: string };

/** As it is kept and shown. No id has a colon. */
export function scheduleResource({ kind, repository, id }: ScheduleSubject): string {
  return `pulp:${kind}:${repository}:${id}`;
}
