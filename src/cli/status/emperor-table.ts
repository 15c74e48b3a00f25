/** The status of an emperor as a table for people. */

import { type Column, describeAge, tableLines, unknown } from './columns.ts';
import type { EmperorView, VassalView } from './parse-emperor.ts';

interface VassalRow {
  readonly vassal: VassalView;
  readonly now: Date;
}

const columns: readonly Column<VassalRow>[] = [
  { title: 'VASSAL', isText: true, value: ({ vassal }) => vassal.vassal },
  { title: 'STATE', isText: true, value: ({ vassal }) => vassal.phase },
  { title: 'PID', value: ({ vassal }) => (vassal.pid === 0 ? unknown : String(vassal.pid)) },
  { title: 'AGE', value: ({ vassal, now }) => ageOf(vassal, now) },
  { title: 'WAIT', value: ({ vassal }) => waitOf(vassal) },
  { title: 'FAILURES', value: ({ vassal }) => String(vassal.failures) },
  { title: 'RELOADS', value: ({ vassal }) => String(vassal.reloads) },
  { title: 'RESTARTS', value: ({ vassal }) => String(vassal.restarts) },
];

/** The lines of the table, without colors and as long as they are. */
export function emperorLines(view: EmperorView, now: Date): readonly string[] {
  const { version, pid, directory, tyrant, vassals } = view;
  const serving = vassals.filter(({ phase }) => phase === 'serving').length;
  const rows = vassals.map((vassal) => ({ vassal, now }));
  return [
    `Emperor of Portcullis ${version}, pid ${pid}: ${directory}${tyrant ? ', tyrant' : ''}`,
    `Serving: ${serving}/${vassals.length} vassals`,
    ...vassals.flatMap(({ vassal, reason }) => (reason === null ? [] : [`${vassal}: ${reason}`])),
    '',
    ...tableLines(columns, rows),
  ];
}

function ageOf({ pid, startedAt }: VassalView, now: Date): string {
  return pid === 0 ? unknown : describeAge(startedAt, now);
}

function waitOf({ waitSeconds }: VassalView): string {
  return waitSeconds === 0 ? unknown : `${waitSeconds} s`;
}
