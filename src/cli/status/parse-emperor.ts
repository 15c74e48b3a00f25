/** The reading of an emperor's status, from a document that may be anybody's. */

import { countOf, fieldsOf } from '../../metrics/snapshot.ts';
import { listOf, textOf } from './untrusted.ts';

export interface EmperorView {
  readonly schema: 1;
  readonly version: string;
  readonly pid: number;
  readonly directory: string;
  readonly tyrant: boolean;
  /** Whether every vassal serves, each with its newest configuration. */
  readonly ready: boolean;
  readonly vassals: readonly VassalView[];
}

export interface VassalView {
  /** The name of its file. */
  readonly vassal: string;
  /** Of its primary; 0 when it does not run. */
  readonly pid: number;
  readonly phase: VassalPhase;
  /** Of its last start, Unix time in seconds; 0 when it never was. */
  readonly startedAt: number;
  /** Starts after the first one. */
  readonly restarts: number;
  readonly reloads: number;
  /** Early ends in a row. */
  readonly failures: number;
  /** Time until it may be started again. */
  readonly waitSeconds: number;
  /** Why it does not run, or runs with an older version of its file. */
  readonly reason: string | null;
  readonly addresses: readonly string[];
}

/** As the emperor says. One that a newer emperor may have is shown as `waiting`. */
const phases = ['waiting', 'starting', 'serving', 'stopping'] as const;
type VassalPhase = (typeof phases)[number];

/** Undefined when `document` is not that of an emperor of Portcullis. */
export function parseEmperor(document: unknown): EmperorView | undefined {
  const fields = fieldsOf(document);
  if (!Array.isArray(fields.emperor) || !Array.isArray(fields.vassals)) return undefined;
  const entries = listOf(fields.vassals).map(fieldsOf);
  // uWSGI's own emperor has neither phases nor reasons.
  if (!entries.every((entry) => 'portcullis' in entry)) return undefined;
  const vassals = entries.map(vassalOf);
  return {
    schema: 1,
    version: textOf(fields.version),
    pid: countOf(fields.pid),
    directory: textOf(fields.emperor[0]),
    tyrant: fields.emperor_tyrant === 1,
    ready: vassals.every(({ phase, reason }) => phase === 'serving' && reason === null),
    vassals,
  };
}

function vassalOf(fields: Readonly<Record<string, unknown>>): VassalView {
  const own = fieldsOf(fields.portcullis);
  return {
    vassal: textOf(fields.id),
    pid: countOf(fields.pid),
    phase: phases.find((phase) => phase === own.phase) ?? 'waiting',
    startedAt: countOf(fields.last_run),
    restarts: countOf(fields.respawns),
    reloads: countOf(own.reloads),
    failures: countOf(own.failures),
    waitSeconds: countOf(own.waitSeconds),
    reason: typeof own.reason === 'string' ? textOf(own.reason) : null,
    addresses: listOf(own.addresses).map(textOf),
  };
}
