/** A store with users, roles, sessions and a deny-list, changed as the API changes them. */

import assert from 'node:assert/strict';
import type { User } from '../../src/api/people/documents.ts';
import { openPeople, type People, setUpPeople } from '../../src/api/people/people.ts';
import type { Configuration } from '../../src/config/configuration.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { fingerprintOf } from '../../src/identity/certificate.ts';
import { PasswordHasher } from '../../src/identity/password-hasher.ts';
import { readPassword } from '../../src/identity/password-text.ts';
import { openSessionAuthority } from '../../src/identity/session-authority.ts';
import type { SessionCertificate } from '../../src/identity/session-certificate.ts';
import { createLogger } from '../../src/log.ts';
import type { ClientCertificate } from '../../src/model.ts';
import { parseCertificatePem } from '../../src/pem.ts';
import { DeniedCertificates } from '../../src/people/denied-certificates.ts';
import type { StoreSettings } from '../../src/stores/open.ts';
import type { Store } from '../../src/stores/store.ts';
import { createControlPlane } from '../../src/work/control-plane.ts';
import { temporaryDirectory } from './temporary.ts';

export interface StoredPeople extends AsyncDisposable {
  readonly store: Store;
  readonly people: People;
  readonly denied: DeniedCertificates;
  /** The settings `store` and `api` of whoever goes by this store. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** @param roles ids of roles that are made if need be */
  addUser(login: string, password: string, roles?: readonly string[]): Promise<User>;
  /** A session of the user, and recorded as one. */
  login(user: Pick<User, 'login' | '_id'>): Promise<SessionCertificate>;
  /** A certificate of the CA of sessions that nobody has recorded, and that may be a consumer's. */
  sign(holder: Parameters<Authority['issue']>[0]): Promise<SessionCertificate>;
}

type Authority = Awaited<ReturnType<typeof openSessionAuthority>>;

const { signal } = new AbortController();

export async function openStoredPeople(settings: StoreSettings): Promise<StoredPeople> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(temporaryDirectory());
  const files = {
    certificateFile: directory.file('session-ca.pem'),
    keyFile: directory.file('session-ca.key'),
  };
  const written = {
    store: settings.type === 'sqlite' ? { file: settings.file } : { mongodbUrl: settings.url },
    api: { sessionCertificate: files.certificateFile, sessionKey: files.keyFile },
  };
  const controlPlane = stack.use(createControlPlane(await configurationOf(written), 'write'));
  const store = await controlPlane.store();
  const now = () => new Date();
  const log = createLogger({ level: 'error', write: (line) => process.stderr.write(line) });
  const authority = await openSessionAuthority(files, { now, log });
  // Cheap hashes: what is tested with them is not how long one takes.
  const hasher = new PasswordHasher({ queue: controlPlane.hashing, cost: { logN: 10, p: 1 } });
  const people = openPeople(store, now);
  await setUpPeople(people, { login: 'first', name: 'First', password: null });
  const owned = stack.move();
  return {
    store,
    people,
    denied: new DeniedCertificates(store, now),
    settings: written,
    addUser: async (login, password, roles = []) => {
      const read = readPassword(password);
      assert.ok(!('problem' in read));
      const hash = await hasher.hash(read, signal);
      const user = await people.users.create({ login, name: login, password: hash });
      assert.ok(user !== undefined, `there is a user ${login}`);
      for (const id of roles) {
        await people.roles.create({ id, display_name: null, description: null });
        assert.equal(await people.users.addRole(user, id), 'done');
      }
      return user;
    },
    sign: (holder) => authority.issue(holder, 3600),
    login: async ({ login, _id }) => {
      const session = await authority.issue({ kind: 'user', login, id: _id }, 3600);
      const { serial, notAfter: expires } = session;
      await people.sessions.open({ serial, user: _id, expires });
      return session;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A configuration of what would stand in the file. */
export async function configurationOf(written: object): Promise<Configuration> {
  using directory = temporaryDirectory();
  const file = directory.file('portcullis.yaml');
  const text = JSON.stringify(written);
  const loaded = await loadConfiguration({ file, text, environment: {}, flags: {} });
  assert.ok('configuration' in loaded, JSON.stringify('problems' in loaded && loaded.problems));
  return loaded.configuration;
}

/** A certificate as a client presents it, with the front's word for the handshake. */
export function presented(pem: string): ClientCertificate {
  const parsed = parseCertificatePem(pem);
  assert.ok('certificates' in parsed);
  const [der, ...intermediates] = parsed.certificates;
  assert.ok(der !== undefined);
  return { der, fingerprint: fingerprintOf(der), intermediates, vouchedBy: 'front' };
}
