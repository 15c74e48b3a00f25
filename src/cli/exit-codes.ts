/** What the exit status of a command means. Values above 63 are those of sysexits.h. */

import { defectExitStatus, errorDescriptors } from '../errors.ts';

export const exitCodes = {
  ok: 0,
  /** `explain`: refused. `check`: there are problems. `import-pulp2`: there are losses. */
  refused: 1,
  /** `explain` alone. */
  undecided: 2,
  usage: errorDescriptors.USAGE.exitStatus,
  noInput: errorDescriptors.FILE_UNREADABLE.exitStatus,
  unavailable: errorDescriptors.LISTEN_FAILED.exitStatus,
  software: defectExitStatus,
  cannotCreate: errorDescriptors.FILE_UNWRITABLE.exitStatus,
  /** Its own output could not be written. */
  outputFailed: 74,
  configuration: errorDescriptors.CONFIG_INVALID.exitStatus,
  /** 128 and the number of SIGINT, as a shell counts it. */
  interrupted: 130,
} as const;
