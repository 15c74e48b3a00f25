/** Units that programs read: without one the unit is refused by the program's name. */

import { missingPrograms, missingProgramText } from './programs.ts';
import { refuseUnit } from './refuse-unit.ts';
import type { ProgramNeed, UnitType } from './repository-type.ts';

export function needingPrograms(
  needs: readonly ProgramNeed[],
  read: UnitType['read'],
): UnitType['read'] {
  return async (given) => {
    const missing = await missingPrograms(needs);
    if (missing.length === 0) return read(given);
    return refuseUnit(`Cannot read the unit: ${missing.map(missingProgramText).join('; ')}`);
  };
}
