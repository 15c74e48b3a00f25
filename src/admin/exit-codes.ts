/** What the exit status of `portcullis-admin` means: what it means for pulp-admin. */

import { errorDescriptors } from '../errors.ts';

export const exitCodes = {
  ok: 0,
  usage: 64,
  /** The server or the configuration says that what was asked for is wrong. */
  data: 65,
  noInput: errorDescriptors.FILE_UNREADABLE.exitStatus,
  /** The question for a password was left. */
  aborted: 67,
  /** The server or a task failed, the server refused for good, or is not to be trusted; a defect. */
  software: 70,
  /** The connection broke or took too long; the CA file or the output failed. */
  connection: 74,
  /** Nobody is logged in, or who is may not do this. */
  permission: 77,
  /** There is no such host, or nothing listens there. */
  unreachable: 78,
} as const;

/** For the manual. */
export const exitStatusTexts: readonly (readonly [number, string])[] = [
  [exitCodes.ok, 'Success.'],
  [exitCodes.usage, 'The command line is wrong.'],
  [
    exitCodes.data,
    'The server refuses what was sent (400, 404, 409), a configuration file has a mistake, or the certificate of the server is for another host.',
  ],
  [exitCodes.noInput, 'A file that an option names cannot be read, or is not what it has to be.'],
  [exitCodes.aborted, 'The question for a password was interrupted.'],
  [
    exitCodes.software,
    'The server failed or refused in another way, a task that was waited for failed or was cancelled, the certificate of the server is not trusted, or Portcullis has a defect.',
  ],
  [
    exitCodes.connection,
    'The connection broke or took too long, ca_path cannot be read, or the output cannot be written.',
  ],
  [
    exitCodes.permission,
    'Wrong password, session ended, nobody logged in, or a permission is missing.',
  ],
  [exitCodes.unreachable, 'The host is not known, or nothing listens there.'],
];
