/** The default of a setting, as it would be written. */

import type { Setting } from '../../src/config/setting.ts';

export function defaultOf({ whenAbsent }: Setting<unknown>): unknown {
  return whenAbsent.type === 'default' ? whenAbsent.raw : undefined;
}
