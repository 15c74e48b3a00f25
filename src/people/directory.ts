/** What rules ask of the store: users, roles, sessions and denied certificates, one at a time. */

import { PortcullisError } from '../errors.ts';
import type { VerifiedCertificate } from '../plugin.ts';
import type { Document, Value } from '../stores/document.ts';
import { parseFilter, where } from '../stores/parse-filter.ts';
import { idsOfCertificate } from './certificate-name.ts';
import { deniedCertificates } from './denied-certificates.ts';
import { loginProblem } from './names.ts';
import type { StoreMemory } from './store-memory.ts';
import { superUsersRole } from './super-users.ts';

/** The collections that a {@link Directory} reads. */
export const directoryCollections = {
  people: ['users', 'roles'],
  sessions: ['sessions'],
  deniedCertificates: [deniedCertificates],
} as const;

/** As much of a user as decides who gets in. */
export interface DirectoryUser {
  readonly id: string;
  readonly login: string;
  /** The password's, as `PasswordHasher` makes it; undefined for a user who has none. */
  readonly hash: string | undefined;
  /** Ids of roles, of which some may be gone. */
  readonly roles: readonly string[];
  readonly isDisabled: boolean;
}

/** All throw PortcullisError STORE_…: what the store does not say is a fault, and never an answer. */
export class Directory {
  readonly #memory: StoreMemory;

  constructor(memory: StoreMemory) {
    this.#memory = memory;
  }

  /** Undefined when there is none, also for what can be no login. */
  async user(login: string): Promise<DirectoryUser | undefined> {
    if (loginProblem(login) !== undefined) return undefined;
    return this.#memory.read('users', login, async (store) => {
      const fields = ['login', 'password', 'roles', 'isDisabled'];
      const [document] = await store.find('users', { filter: where({ login }), limit: 1, fields });
      return document && readUser(document);
    });
  }

  /**
   * Whether the user is in the role, and the role is there. Who is a super-user is said by the role's
   * own document, in which each change of it is made.
   */
  async isMember(user: DirectoryUser, role: string): Promise<boolean> {
    if (role !== superUsersRole && !user.roles.includes(role)) return false;
    const members = await this.#memory.read('roles', role, async (store) => {
      const fields = ['members'];
      const filter = where({ id: role });
      const [document] = await store.find('roles', { filter, limit: 1, fields });
      if (document === undefined) return undefined;
      return new Set(role === superUsersRole ? readTexts(document, 'members') : []);
    });
    if (members === undefined) return false;
    return role !== superUsersRole || members.has(user.id);
  }

  /** Whether the session with this serial number is recorded as one of the user that is open. */
  async isSessionOpen(serial: string, user: string): Promise<boolean> {
    const holder = await this.#memory.read('sessions', serial, async (store) => {
      const document = await store.get('sessions', serial);
      return document && readText(document, 'user');
    });
    return holder === user;
  }

  /** Why the certificate is on the deny-list, for the operator; undefined when it is not. */
  async denialOf(certificate: VerifiedCertificate): Promise<string | undefined> {
    const ids = idsOfCertificate(certificate);
    return this.#memory.read(deniedCertificates, ids.join(' '), async (store) => {
      const filter = parseFilter({ _id: { $in: ids } });
      const [document] = await store.find(deniedCertificates, { filter, limit: 1 });
      return document && readText(document, 'reason');
    });
  }
}

function readUser(document: Document): DirectoryUser {
  const { password: hash, isDisabled } = document;
  if (typeof isDisabled !== 'boolean') throw misfit('isDisabled');
  return {
    id: readText(document, '_id'),
    login: readText(document, 'login'),
    hash: hash === null ? undefined : readText(document, 'password'),
    roles: readTexts(document, 'roles'),
    isDisabled,
  };
}

function readText(document: Document, field: string): string {
  const value = document[field];
  if (typeof value !== 'string') throw misfit(field);
  return value;
}

function readTexts(document: Document, field: string): readonly string[] {
  const value = document[field];
  if (!isList(value)) throw misfit(field);
  return value.map((item) => {
    if (typeof item !== 'string') throw misfit(field);
    return item;
  });
}

function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

function misfit(field: string): PortcullisError {
  return new PortcullisError(
    'STORE_SCHEMA',
    `Cannot decide by the store: the field ${field} of a document is not as this version has it`,
  );
}
