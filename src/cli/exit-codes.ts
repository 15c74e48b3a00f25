/** What the exit status of a command means. Values above 63 are those of sysexits.h. */

import type { ErrorCode } from '../errors.ts';

export const exitCodes = {
  ok: 0,
  /** `explain`: refused. `check`: there are problems. */
  refused: 1,
  /** `explain` alone. */
  undecided: 2,
  usage: 64,
  noInput: 66,
  unavailable: 69,
  software: 70,
  /** Its own output could not be written. */
  outputFailed: 74,
  configuration: 78,
  /** 128 and the number of SIGINT, as a shell counts it. */
  interrupted: 130,
} as const;

const byErrorCode: Partial<Record<ErrorCode, number>> = {
  USAGE: exitCodes.usage,
  CONFIG_INVALID: exitCodes.configuration,
  FILE_UNREADABLE: exitCodes.noInput,
  LISTEN_FAILED: exitCodes.unavailable,
  START_REFUSED: exitCodes.unavailable,
};

export function exitCodeOf(code: ErrorCode): number {
  return byErrorCode[code] ?? exitCodes.software;
}
