/** Content by the users, sessions and deny-list of a store, through real processes, on any store. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import { readCertificateName } from '../../src/people/certificate-name.ts';
import type { StoreSettings } from '../../src/stores/open.ts';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import { basic, writeTree } from '../support/application.ts';
import { createPki } from '../support/pki.ts';
import { type Portcullis, portcullisProgram, startPortcullis } from '../support/portcullis.ts';
import { run, until } from '../support/processes.ts';
import { openStoredPeople, type StoredPeople } from '../support/stored-people.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import {
  getVariables,
  type RawAnswer,
  uwsgiRequest,
  type VariablePairs,
} from '../support/uwsgi-client.ts';
import { delaysOf, lateMax } from './change-delays.ts';
import { patienceMs } from './pool.ts';

/** A store that can go away and come back. */
export interface MovableHost extends AsyncDisposable {
  readonly settings: StoreSettings;
  leave(): Promise<void>;
  comeBack(): Promise<void>;
}

export interface StoredAccessContract {
  readonly name: string;
  readonly skip: string | false;
  readonly host: () => Promise<MovableHost>;
}

/** Instances as on two hosts, each with its workers, each of them with a socket of its own. */
const instances = 2;
const workers = 2;

/** How long the instances go by their memory while the store is away, in seconds. */
const outageSeconds = 12;

/** What a client shows. */
type Shown = VariablePairs;

export function testStoredAccess(contract: StoredAccessContract): void {
  describe(`content by the store ${contract.name}`, { skip: contract.skip }, () => {
    const stack = new AsyncDisposableStack();
    let site: Site;
    before(async () => {
      site = await startSite(stack, await contract.host());
    });
    after(() => stack.disposeAsync());

    it('T54 every worker of every instance refuses within the published time', async () => {
      const delays: number[] = [];
      const { sockets } = site;
      for (const [what, { distribution, shown, make }] of await changesOf(site)) {
        const isAllowed = async (socket: string): Promise<boolean> =>
          (await get(socket, distribution, shown)).status === 200;
        delays.push(...(await delaysOf({ what, sockets, isAllowed, make })));
      }
      assert.equal(delays.length, 4 * instances * workers);
      const late = delays.filter((delay) => delay >= changeReachesWithinMilliseconds);
      assert.ok(late.length <= lateMax, `${delays.map(Math.round).join()} ms`);
    });

    it('goes on for a bounded time while the store is away, then fails closed, and recovers', async () => {
      const { host, stored, sockets } = site;
      const [socket = ''] = sockets;
      await stored.addUser('seen', 'one', ['staff']);
      await stored.addUser('unseen', 'one', ['staff']);
      const [seen, unseen] = [withPassword('seen', 'one'), withPassword('unseen', 'one')];
      const session = withCertificate(
        (await stored.login(await userOf(stored, 'seen'))).certificate,
      );
      const statuses = async () => ({
        seen: (await get(socket, 'people', seen)).status,
        session: (await get(socket, 'sessions', session)).status,
      });
      await until('both are let in', async () => sameStatuses(await statuses(), 200), patienceMs);
      // A worker forgets what it has when it hears of the changes above, which it may not have yet.
      await sleep(2 * changeReachesWithinMilliseconds);
      assert.ok(sameStatuses(await statuses(), 200), 'both are in memory');
      await host.leave();
      await until('the store is missed', () => saidBy(site, 'does not answer'), patienceMs);
      assert.ok(sameStatuses(await statuses(), 200), 'what is in memory goes on');
      failsClosed(await get(socket, 'people', unseen));
      await until(
        'what is in memory ends',
        async () => sameStatuses(await statuses(), 503),
        patienceMs,
      );
      failsClosed(await get(socket, 'people', seen));
      // Of the deny-list nothing is known: a certificate might be on it.
      failsClosed(await get(socket, 'certificates', site.client));
      assert.equal((await get(socket, 'public', [])).status, 200);
      assert.equal((await get(socket, 'file', withPassword('htpasswd', 'one'))).status, 200);
      await explains(
        site,
        2,
        /rule password failed: Cannot (?:ask|use) the .*could not be decided/s,
      );
      await host.comeBack();
      await until(
        'both are let in again',
        async () => sameStatuses(await statuses(), 200),
        patienceMs,
      );
      assert.equal((await get(socket, 'people', unseen)).status, 200);
      assert.equal((await get(socket, 'certificates', site.client)).status, 200);
      await explains(site, 0, /is served to user:seen/);
      await until('it is said', () => saidBy(site, 'answers again'), patienceMs);
    });
  });
}

interface Site {
  readonly host: MovableHost;
  readonly stored: StoredPeople;
  readonly running: readonly Portcullis[];
  /** Of all workers of all instances. */
  readonly sockets: readonly string[];
  /** Shows a certificate of the CA of the distribution `certificates`. */
  readonly client: Shown;
  /** Another certificate of the same CA, PEM, which is put on the deny-list. */
  readonly stolen: string;
}

async function startSite(stack: AsyncDisposableStack, host: MovableHost): Promise<Site> {
  stack.use(host);
  const pki = stack.use(createPki());
  const stored = stack.use(await openStoredPeople(host.settings));
  const directory = stack.use(temporaryDirectory());
  writeTree(directory.file('root'), { 'file.txt': 'content' });
  const ca = await pki.authority();
  const client = withCertificate((await pki.client(ca)).certificate);
  const stolen = (await pki.client(ca)).certificate;
  const hash = await hashPassword('one');
  writeTree(directory.path, { 'users.htpasswd': `htpasswd:${hash}\n`, 'ca.pem': ca.certificate });
  const policies = {
    people: { password: { roles: ['staff'] } },
    sessions: { session: { roles: ['staff'] } },
    certificates: { certificate: { ca: directory.file('ca.pem') } },
    file: { password: { file: directory.file('users.htpasswd') } },
    public: 'public',
  };
  const distributions = Object.entries(policies).map(([relativeUrl, access]) => ({
    ...{ relativeUrl, access },
    root: directory.file('root'),
  }));
  const running: Portcullis[] = [];
  const sockets: string[] = [];
  for (let instance = 0; instance < instances; instance += 1) {
    const address = `unix:${directory.file(`i${instance}.sock`)}`;
    running.push(
      stack.use(
        await startPortcullis({
          ...stored.settings,
          ...{ workers, distributions },
          listen: { uwsgi: { address, sockets: 'worker' } },
          access: { storeOutageSeconds: outageSeconds, timeLimitSeconds: 30 },
        }),
      ),
    );
    for (let worker = 1; worker <= workers; worker += 1) {
      sockets.push(directory.file(`i${instance}-${worker}.sock`));
    }
  }
  return { host, stored, running, sockets, client, stolen };
}

interface Change {
  readonly distribution: string;
  readonly shown: Shown;
  /** Resolves when the change is acknowledged. */
  make(): Promise<unknown>;
}

/** Whoever is let in before each change is refused after it. */
async function changesOf({ stored, stolen }: Site): Promise<readonly [string, Change][]> {
  const { users, sessions } = stored.people;
  const ann = await stored.addUser('ann', 'one', ['staff']);
  const bob = await stored.addUser('bob', 'one', ['staff']);
  const cleo = await stored.addUser('cleo', 'one', ['staff']);
  const session = await stored.login(cleo);
  const name = readCertificateName({ certificate: stolen });
  assert.ok(!('problem' in name));
  return [
    [
      'a disabled user',
      {
        distribution: 'people',
        shown: withPassword('ann', 'one'),
        make: async () => users.disable(await userOf(stored, ann.login), sessions),
      },
    ],
    [
      'a role that is removed',
      {
        distribution: 'people',
        shown: withPassword('bob', 'one'),
        make: () => users.removeRole(bob, 'staff'),
      },
    ],
    [
      'a session that is ended',
      {
        distribution: 'sessions',
        shown: withCertificate(session.certificate),
        make: () => sessions.close(session.serial),
      },
    ],
    [
      'a certificate that is denied',
      {
        distribution: 'certificates',
        shown: withCertificate(stolen),
        make: async () => {
          const entry = await stored.denied.add(name, { reason: 'stolen', by: 'first' });
          assert.ok(entry);
        },
      },
    ],
  ];
}

function get(socket: string, distribution: string, shown: Shown): Promise<RawAnswer> {
  const target = `/pulp/repos/${distribution}/file.txt`;
  const secure = [
    ['HTTPS', 'on'],
    ['REQUEST_SCHEME', 'https'],
  ] as const;
  const variables = getVariables(target, [...secure, ...shown]);
  return uwsgiRequest({ path: socket }, variables, { timeoutMs: patienceMs });
}

function withPassword(user: string, password: string): Shown {
  return [['HTTP_AUTHORIZATION', basic(user, password)]];
}

function withCertificate(pem: string): Shown {
  return [['SSL_CLIENT_CERT', pem]];
}

async function userOf({ people }: StoredPeople, login: string) {
  const user = await people.users.byLogin(login);
  assert.ok(user, login);
  return user;
}

function sameStatuses(statuses: Readonly<Record<string, number>>, expected: number): boolean {
  return Object.values(statuses).every((status) => status === expected);
}

function failsClosed(answer: RawAnswer): void {
  assert.equal(answer.status, 503);
  assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
}

function saidBy({ running }: Site, text: string): boolean {
  const [first] = running;
  return first?.log().some(({ message }) => String(message).includes(text)) ?? false;
}

async function explains({ running }: Site, exitStatus: number, text: RegExp): Promise<void> {
  const [first] = running;
  const target = '/pulp/repos/people/file.txt';
  const words = ['explain', target, '--config', first?.file ?? '', '--user', 'seen'];
  const { code, stdout } = await run(process.execPath, [portcullisProgram, ...words], {
    input: 'one\n',
  });
  assert.match(stdout.toString(), text);
  assert.equal(code, exitStatus);
}
