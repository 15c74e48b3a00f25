/** What the roles of the control plane would meet, found without a start: nothing is made or changed. */

import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { openPeople } from '../api/people/people.ts';
import type { ApiConfiguration, Configuration } from '../config/configuration.ts';
import { writesStore } from '../config/store-use.ts';
import { messageOf, systemReason } from '../errors.ts';
import { openSessionAuthority } from '../identity/session-authority.ts';
import { createLogger } from '../log.ts';
import type { Problem } from '../model.ts';
import { checkDirectory } from '../stores/sqlite/file.ts';
import { StoreUnprepared } from '../stores/unprepared.ts';
import { createControlPlane } from './control-plane.ts';
import { openFrontFacts } from './front-facts.ts';
import { openLinkSigner } from './link-signer.ts';
import { isStoreLost, isStoreMissing } from './missing-store.ts';

export interface StoreCheck {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** To be called as the user that would run, because files that root makes or reads say nothing of it. */
export async function checkStore(configuration: Configuration): Promise<StoreCheck> {
  const { pools, api } = configuration;
  const hasApi = pools.some(({ roles }) => roles.includes('api'));
  const ofStore = pools.some(writesStore)
    ? await checkOwnStore(configuration, hasApi)
    : await checkOthersStore(configuration);
  const ofApi = hasApi
    ? [
        ...(await sessionProblems(api)),
        ...(await linkProblems(configuration)),
        ...(await frontProblems(configuration)),
      ]
    : [];
  return { ...ofStore, problems: [...ofStore.problems, ...ofApi] };
}

/** A store that is not there yet is made by the start. */
async function checkOwnStore(configuration: Configuration, hasApi: boolean): Promise<StoreCheck> {
  const { store, api } = configuration;
  if (isStoreMissing(store)) {
    const lost = isStoreLost(configuration) ? [lostStore(store.file, api.sessionCertificate)] : [];
    const warnings = hasApi ? [...lost, nobody] : lost;
    return { problems: directoryProblems(store.file), warnings };
  }
  try {
    const superUsers = await countSuperUsers(configuration);
    return { problems: [], warnings: hasApi && superUsers === 0 ? [nobody] : [] };
  } catch (error) {
    if (!(error instanceof StoreUnprepared)) return faulty(error);
    return { problems: [], warnings: hasApi ? [nobody] : [] };
  }
}

/** Rules ask a store that other pools make, perhaps on other hosts. */
async function checkOthersStore(configuration: Configuration): Promise<StoreCheck> {
  try {
    await countSuperUsers(configuration);
    return { problems: [], warnings: [] };
  } catch (error) {
    return faulty(error);
  }
}

const nobody: Problem = {
  at: 'api',
  message: 'nobody can use the API: there is no super-user; portcullis create-admin makes one',
};

function lostStore(file: string, certificateFile: string): Problem {
  const sign = `there is no ${file}, and yet the session CA ${certificateFile} is there`;
  return {
    at: 'store.file',
    message: `the store seems lost: ${sign}; put a backup in place, or a start makes an empty one`,
  };
}

function faulty(error: unknown): StoreCheck {
  return { problems: [{ at: 'store', message: messageOf(error) }], warnings: [] };
}

async function countSuperUsers(
  configuration: Pick<Configuration, 'store' | 'access'>,
): Promise<number> {
  await using controlPlane = createControlPlane(configuration, 'read');
  const store = await controlPlane.store();
  await store.ping();
  return (await openPeople(store, () => new Date()).superUsers.active()).size;
}

function directoryProblems(file: string): readonly Problem[] {
  try {
    checkDirectory(file);
  } catch (error) {
    return [{ at: 'store', message: messageOf(error) }];
  }
  return writeProblems('store.file', file, 'make the store');
}

/** Of the CA's files; where there are none, the start makes them. */
async function sessionProblems(files: ApiConfiguration): Promise<readonly Problem[]> {
  const { sessionCertificate: certificateFile, sessionKey: keyFile } = files;
  const at = 'api.sessionKey';
  if (!existsSync(certificateFile)) {
    return [
      ...writeProblems('api.sessionCertificate', certificateFile, 'make the session CA'),
      ...(existsSync(keyFile) ? [] : writeProblems(at, keyFile, 'make the session CA')),
    ];
  }
  try {
    const log = createLogger({ level: 'error', write: () => {} });
    await openSessionAuthority({ certificateFile, keyFile }, { now: () => new Date(), log });
    return [];
  } catch (error) {
    return [{ at, message: messageOf(error) }];
  }
}

async function linkProblems(configuration: Configuration): Promise<readonly Problem[]> {
  const links = await openLinkSigner(configuration, () => new Date());
  return links !== undefined && 'problem' in links ? [links.problem] : [];
}

async function frontProblems(configuration: Configuration): Promise<readonly Problem[]> {
  const front = await openFrontFacts(configuration);
  return 'problem' in front ? [front.problem] : [];
}

function writeProblems(at: string, file: string, act: string): readonly Problem[] {
  const directory = path.dirname(file);
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    const message = `Cannot ${act} ${file}: in ${directory}, ${systemReason(error)}`;
    return [{ at, message }];
  }
}
