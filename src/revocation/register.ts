/** The lists in force, the newest of each CA. What was once revoked by a list stays so (T14). */

import { isoTime } from './describe.ts';
import { SerialTable } from './serial-table.ts';
import type { VerifiedList } from './verify-lists.ts';

/** A list that decides. */
export interface ListInForce {
  /** The CA as people read it. */
  readonly authorityText: string;
  /** Where it came from. */
  readonly source: string;
  readonly number: bigint | undefined;
  /** Unix times, seconds. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly serials: SerialTable;
}

export class RevocationRegister {
  readonly #lists = new Map<string, ListInForce>();
  readonly #onChange: (list: ListInForce) => void;

  /** @param onChange called for each list that comes into force */
  constructor(onChange: (list: ListInForce) => void) {
    this.#onChange = onChange;
  }

  get lists(): readonly ListInForce[] {
    return [...this.#lists.values()];
  }

  /** @param authority as `authorityId` makes it */
  find(authority: string): ListInForce | undefined {
    return this.#lists.get(authority);
  }

  /**
   * Takes lists that are not older than those in force; the same list once more changes nothing.
   *
   * @returns for each that was kept out a clause that says why
   */
  offer(lists: readonly VerifiedList[], source: string): readonly string[] {
    const problems: string[] = [];
    for (const { authority, entries, ...list } of lists) {
      const inForce = this.#lists.get(authority);
      if (inForce !== undefined && isSame(list, inForce) && inForce.serials.holds(entries))
        continue;
      const problem = inForce && rollbackProblem(list, inForce);
      if (problem !== undefined) {
        problems.push(problem);
        continue;
      }
      const next = { ...list, source, serials: new SerialTable(entries) };
      this.#lists.set(authority, next);
      this.#onChange(next);
    }
    return problems;
  }
}

type Dated = Pick<ListInForce, 'authorityText' | 'number' | 'thisUpdate' | 'nextUpdate'>;

function isSame(one: Dated, other: Dated): boolean {
  const isOfThen = one.thisUpdate === other.thisUpdate && one.nextUpdate === other.nextUpdate;
  return isOfThen && one.number === other.number;
}

function rollbackProblem(next: Dated, { number, thisUpdate }: Dated): string | undefined {
  const which = `the list of ${next.authorityText}`;
  if (number !== undefined && (next.number ?? -1n) < number) {
    const has = next.number === undefined ? 'no number' : `the number ${next.number}`;
    return `${which} has ${has}, and the one in force ${number}`;
  }
  if (next.thisUpdate < thisUpdate) {
    return `${which} is of ${isoTime(next.thisUpdate)}, and the one in force of ${isoTime(thisUpdate)}`;
  }
  return undefined;
}
