/** The services that rules get, real ones, for tests of plugins. */

import path from 'node:path';
import { EntitlementMemory } from '../../src/entitlement/entitlement-memory.ts';
import { AttemptLimiter } from '../../src/identity/attempt-limiter.ts';
import {
  openCertificateAuthority,
  openInlineAuthority,
} from '../../src/identity/certificate-authority.ts';
import { guardPasswords } from '../../src/identity/guarded-passwords.ts';
import { openPasswordFile } from '../../src/identity/password-file.ts';
import { openUrlVerifier } from '../../src/identity/signed-urls/verify.ts';
import { WorkQueue } from '../../src/identity/work-queue.ts';
import { createLogger } from '../../src/log.ts';
import type { Services } from '../../src/plugin.ts';
import { RevocationLists } from '../../src/revocation/revocation-lists.ts';
import { openHttpClient } from '../../src/work/open-http-client.ts';

export interface TestServices extends Services {
  /** The lines of the log so far. */
  readonly lines: readonly string[];
  /** To be closed by tests that name revocation lists. */
  readonly revocation: RevocationLists;
}

/** @param directory where relative paths start */
export function testServices(directory: string, now: () => Date = () => new Date()): TestServices {
  const lines: string[] = [];
  const log = createLogger({ level: 'debug', write: (line) => lines.push(line) });
  const queue = new WorkQueue({ runningMax: 2, pendingMax: 64 });
  const limiter = new AttemptLimiter();
  const entitlements = new EntitlementMemory();
  const revocation = new RevocationLists({ log, now });
  const resolvePath = (file: string): string => path.resolve(directory, file);
  return {
    lines,
    revocation,
    log,
    now,
    resolvePath,
    openCertificateAuthority: (file, crl) =>
      revocation.openVerifier(crl, resolvePath, (openRevocation) =>
        openCertificateAuthority(file, { now, log, openRevocation }),
      ),
    openInlineAuthority: (pem, crl) =>
      revocation.openVerifier(crl, resolvePath, (openRevocation) =>
        openInlineAuthority(pem, { now, log, openRevocation }),
      ),
    openPasswordFile: async (file) =>
      guardPasswords(await openPasswordFile(file, { queue, log }), limiter),
    openUrlKeys: (file) => openUrlVerifier(file, now),
    openHttpClient: (options) => openHttpClient(options, resolvePath),
    readEntitlement: (certificate) => entitlements.read(certificate),
    openTokens: refuseStore,
    openStoredUsers: refuseStore,
    openStoredSessions: refuseStore,
    openStoredConsumers: refuseStore,
  };
}

/** The tests of rules that ask a store bring their own. */
async function refuseStore(): Promise<never> {
  throw new Error('Cannot ask the store: this test has none');
}
