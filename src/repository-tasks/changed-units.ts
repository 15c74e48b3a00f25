/** What a task says of the units that it changed, as Pulp's clients read it. */

import type { JsonObject, Unit } from '../repositories/documents.ts';
import { unitType } from '../repository-types/all-types.ts';

/** Units that the result names; the rest is counted. */
export const namedUnitsMax = 1000;

/** Bytes of JSON that their keys take at most. */
const namedBytesMax = 512 * 1024;

export class UnitsReport {
  readonly #named: JsonObject[] = [];
  #bytes = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(unit: Pick<Unit, 'type' | 'fields'>): void {
    this.#count += 1;
    if (this.#named.length >= namedUnitsMax) return;
    const shown = { unit_key: keyOf(unit), type_id: unit.type };
    this.#bytes += Buffer.byteLength(JSON.stringify(shown));
    if (this.#bytes <= namedBytesMax) this.#named.push(shown);
  }

  /** `units_omitted` is ours: how many more there were than are named. */
  get result(): JsonObject {
    const omitted = this.#count - this.#named.length;
    return {
      units_successful: this.#named,
      units_failed_signature_filter: [],
      ...(omitted > 0 && { units_omitted: omitted }),
    };
  }
}

function keyOf({ type, fields }: Pick<Unit, 'type' | 'fields'>): JsonObject {
  const names = unitType(type)?.unitKey ?? [];
  return Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
}
