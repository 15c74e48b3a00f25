/** Verifies sessions also where their CA is yet to come: the API makes it at its first start. */

import { access } from 'node:fs/promises';
import { systemCodeOf } from '../errors.ts';
import type { CertificateAuthorityOptions } from './certificate-authority.ts';
import { openSessionVerifier, type SessionVerifier } from './session-verifier.ts';

/**
 * As `openSessionVerifier`, but a file that is missing is looked for again with each certificate.
 *
 * @throws PortcullisError FILE_UNREADABLE for a file that is there and cannot be used; while there is
 *   none, `verify` throws it
 */
export async function openLateSessionVerifier(
  certificateFile: string,
  options: CertificateAuthorityOptions,
): Promise<SessionVerifier> {
  const open = (): Promise<SessionVerifier> => openSessionVerifier(certificateFile, options);
  let present = (await isMissing(certificateFile)) ? undefined : await open();
  if (present === undefined) {
    const message = 'The CA of sessions is not there yet: no session lets anybody in without it';
    options.log.warn(message, { file: certificateFile });
  }
  return {
    verify: async (presented) => {
      present ??= await open();
      return present.verify(presented);
    },
  };
}

/** How long one opening is for all who ask, in milliseconds. */
export const sharedMilliseconds = 10_000;

/**
 * Opens one verifier for all who ask within {@link sharedMilliseconds}: thousands of rules are made at once
 * at a start, and those that are made later see a file that was replaced. What failed is tried again.
 *
 * @param monotonicNow milliseconds of a clock that never jumps (T97)
 */
export function shareSessionVerifier(
  open: () => Promise<SessionVerifier>,
  monotonicNow: () => number = () => performance.now(),
): () => Promise<SessionVerifier> {
  let shared: Promise<SessionVerifier> | undefined;
  let openedAt = 0;
  return () => {
    const now = monotonicNow();
    if (shared !== undefined && now - openedAt < sharedMilliseconds) return shared;
    const opening = open();
    [shared, openedAt] = [opening, now];
    opening.catch(() => {
      if (shared === opening) shared = undefined;
    });
    return opening;
  };
}

async function isMissing(file: string): Promise<boolean> {
  try {
    await access(file);
    return false;
  } catch (error) {
    return systemCodeOf(error) === 'ENOENT';
  }
}
