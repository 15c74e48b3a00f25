/** What the rules of a worker are given: one set for each rule, so that it is known what each asks. */

import path from 'node:path';
import type { RuleServices } from '../access/compile.ts';
import type { Configuration } from '../config/configuration.ts';
import { hasStore } from '../config/store-use.ts';
import { createStoredConsumers } from '../consumers/stored-consumers.ts';
import { EntitlementMemory } from '../entitlement/entitlement-memory.ts';
import { AttemptLimiter } from '../identity/attempt-limiter.ts';
import {
  type CertificateAuthorityOptions,
  openCertificateAuthority,
  openInlineAuthority,
} from '../identity/certificate-authority.ts';

import {
  openLateSessionVerifier,
  shareSessionVerifier,
} from '../identity/late-session-verifier.ts';
import { openPasswordFile } from '../identity/password-file.ts';
import { PasswordHasher } from '../identity/password-hasher.ts';
import type { SessionVerifier } from '../identity/session-verifier.ts';
import { openUrlVerifier } from '../identity/signed-urls/verify.ts';
import { VerifiedPasswords } from '../identity/verified-passwords.ts';
import type { Logger } from '../log.ts';
import { guardCertificates } from '../people/certificate-guard.ts';
import type { Directory } from '../people/directory.ts';
import { createStoredPasswords } from '../people/stored-passwords.ts';
import { createStoredSessions } from '../people/stored-sessions.ts';
import type {
  Admitted,
  CertificateVerifier,
  RevocationOptions,
  Services,
  StoredUsers,
} from '../plugin.ts';
import type { RevocationLists } from '../revocation/revocation-lists.ts';
import type { ContentConsumers } from './content-consumers.ts';
import type { ContentDirectory, DirectoryPart } from './content-directory.ts';
import type { ContentTokens } from './content-tokens.ts';
import type { ControlPlane } from './control-plane.ts';
import { openHttpClient } from './open-http-client.ts';
import { notingGrant, notingPath, notingVerdict } from './played-certificates.ts';
import { playablePasswordFile, playableStoredUsers } from './played-passwords.ts';

export interface ContentServicesParts {
  readonly configuration: Configuration;
  readonly controlPlane: ControlPlane;
  readonly directory: ContentDirectory;
  readonly revocation: RevocationLists;
  readonly tokens: ContentTokens;
  readonly consumers: ContentConsumers;
  readonly log: Logger;
  readonly now: () => Date;
  /** Gets the files of the CAs that rules trust. */
  readonly authorityFiles: Set<string>;
}

/** What all rules share: bounds, and what they remember. */
interface Shared extends ContentServicesParts {
  readonly entitlements: EntitlementMemory;
  /** Bounds on the passwords that are tried by playing requests. */
  readonly guesses: AttemptLimiter;
  openStoredPasswords(): Promise<(admitted: Admitted) => StoredUsers>;
  openSessions(): Promise<SessionVerifier>;
}

export function createContentServices(
  parts: ContentServicesParts,
): (plugin: string) => RuleServices {
  let stored: Promise<(admitted: Admitted) => StoredUsers> | undefined;
  const guesses = new AttemptLimiter();
  const shared: Shared = {
    ...parts,
    entitlements: new EntitlementMemory(),
    guesses,
    openSessions: shareSessionVerifier(() =>
      openLateSessionVerifier(parts.configuration.api.sessionCertificate, parts),
    ),
    openStoredPasswords: () => {
      stored ??= parts.directory
        .open()
        .then((directory) => storedPasswords(directory, parts, guesses));
      return stored;
    },
  };
  return (plugin) => servicesOfRule(parts.log.child({ plugin }), shared);
}

/** What one rule has asked for. */
interface Asks {
  readonly parts: Set<DirectoryPart>;
  tokens: boolean;
  consumers: boolean;
  revocation: boolean;
}

function servicesOfRule(log: Logger, shared: Shared): RuleServices {
  const { configuration, controlPlane, directory, revocation, now, authorityFiles } = shared;
  const { tokens, consumers } = shared;
  const asks: Asks = { parts: new Set(), tokens: false, consumers: false, revocation: false };
  const openAuthority = async (
    authorities: string,
    open: (options: CertificateAuthorityOptions) => Promise<CertificateVerifier>,
    crl: RevocationOptions | undefined,
  ): Promise<CertificateVerifier> => {
    asks.revocation ||= crl !== undefined;
    asks.parts.add('deniedCertificates');
    if (hasStore(configuration)) await directory.open();
    const verifier = await revocation.openVerifier(crl, services.resolvePath, (openCheck) =>
      open({ now, log, openRevocation: async (cas) => notingPath(await openCheck?.(cas)) }),
    );
    const facts = { authorities, crl, hasDenyList: hasStore(configuration) };
    return notingVerdict(facts, verifier, (chains) =>
      guardCertificates(chains, () => directory.present),
    );
  };
  const services: Services = {
    log,
    now,
    resolvePath: (file) => path.resolve(configuration.baseDirectory, file),
    openCertificateAuthority: (file, crl) => {
      authorityFiles.add(file);
      return openAuthority(file, (options) => openCertificateAuthority(file, options), crl);
    },
    openInlineAuthority: (pem, crl) =>
      openAuthority('the rule itself', (options) => openInlineAuthority(pem, options), crl),
    openPasswordFile: async (file) => {
      const hashes = await openPasswordFile(file, { queue: controlPlane.hashing, log });
      return playablePasswordFile(hashes, controlPlane.attempts, shared.guesses);
    },
    readEntitlement: (certificate) => notingGrant(shared.entitlements.read(certificate)),
    openTokens: () => {
      asks.tokens = true;
      return tokens.open();
    },
    openUrlKeys: (file) => openUrlVerifier(file, now),
    openHttpClient: (options) => openHttpClient(options, services.resolvePath),
    openStoredUsers: async (admitted) => {
      asks.parts.add('people');
      return (await shared.openStoredPasswords())(admitted);
    },
    openStoredSessions: async (admitted) => {
      for (const part of ['people', 'sessions', 'deniedCertificates'] as const)
        asks.parts.add(part);
      const sessions = await shared.openSessions();
      return createStoredSessions({ directory: await directory.open(), sessions })(admitted);
    },
    openStoredConsumers: async () => {
      asks.parts.add('deniedCertificates');
      asks.consumers = true;
      const people = await directory.open();
      return createStoredConsumers({
        known: await consumers.open(),
        sessions: await shared.openSessions(),
        denialOf: (certificate) => people.denialOf(certificate),
      });
    },
  };
  return { services: Object.freeze(services), basis: () => versionOf(asks, shared) };
}

/** Undefined while what the rule asked for is not known to be as it was. */
function versionOf(
  { parts, tokens, consumers, revocation }: Asks,
  shared: Shared,
): number | undefined {
  const versions = [
    shared.directory.version(parts),
    tokens ? shared.tokens.version : 0,
    consumers ? shared.consumers.version : 0,
    revocation ? shared.revocation.generation : 0,
  ];
  // Each number only ever goes up, and so does their sum with each change of any.
  let sum = 0;
  for (const version of versions) {
    if (version === undefined) return undefined;
    sum += version;
  }
  return sum;
}

function storedPasswords(
  directory: Directory,
  { configuration, controlPlane }: ContentServicesParts,
  guesses: AttemptLimiter,
): (admitted: Admitted) => StoredUsers {
  const { rememberSeconds: secondsMax, rememberEntries: entriesMax } = configuration.access;
  const passwords = new PasswordHasher({ queue: controlPlane.hashing });
  const create = (attempts: AttemptLimiter, verified: VerifiedPasswords) =>
    createStoredPasswords({ directory, passwords, attempts, verified });
  const ofClients = create(
    controlPlane.attempts,
    new VerifiedPasswords({ secondsMax, entriesMax }),
  );
  const ofPlayers = create(guesses, new VerifiedPasswords({ secondsMax: 0, entriesMax: 0 }));
  return playableStoredUsers(ofClients, ofPlayers, directory);
}
