/** A unit of what its type has read of a file or of metadata. */

import type { NewUnit } from '../repositories/new-unit.ts';
import type { ReceivedFile } from '../storage/storage.ts';
import type { UnitDescription, UnitType } from './repository-type.ts';

/** @throws Error for a type that reads a file and names none: a defect of the type */
export function describedUnit(
  type: UnitType,
  { fields, filename, replacesBy }: UnitDescription,
  file: ReceivedFile | undefined,
): NewUnit {
  if (file !== undefined && filename === undefined) {
    throw new Error(`A unit of the type ${type.id} has a file and no name for it`);
  }
  const { sha256 = '', size = 0 } = file ?? {};
  return {
    type: type.id,
    fields,
    unitKey: type.unitKey,
    ...(replacesBy !== undefined && { replacesBy }),
    artifact: filename === undefined ? null : { sha256, size, filename },
  };
}
