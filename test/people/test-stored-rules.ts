/** The rules that go by users, roles, sessions and the deny-list, on any store. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { plugin as certificatePlugin } from '../../auth-plugins/certificate/index.ts';
import { plugin as passwordPlugin } from '../../auth-plugins/password/index.ts';
import { plugin as sessionPlugin } from '../../auth-plugins/session/index.ts';
import type { RuleServices } from '../../src/access/compile.ts';
import { DecisionMemory } from '../../src/access/memory.ts';
import { type AskRule, createAskRule, withMemory } from '../../src/access/policy.ts';
import type { User } from '../../src/api/people/documents.ts';
import { createLogger } from '../../src/log.ts';
import type { Evidence } from '../../src/model.ts';
import { readCertificateName } from '../../src/people/certificate-name.ts';
import { superUsersRole } from '../../src/people/super-users.ts';
import type { Authorizer, AuthorizerPlugin } from '../../src/plugin.ts';
import { RevocationLists } from '../../src/revocation/revocation-lists.ts';
import { newId } from '../../src/stores/document.ts';
import { where } from '../../src/stores/parse-filter.ts';
import { ContentConsumers } from '../../src/work/content-consumers.ts';
import { ContentDirectory } from '../../src/work/content-directory.ts';
import { createContentServices } from '../../src/work/content-services.ts';
import { ContentTokens } from '../../src/work/content-tokens.ts';
import { createControlPlane } from '../../src/work/control-plane.ts';
import { testAuthorizer } from '../contracts/authorizer.ts';
import type { StoreContract, StoreHost } from '../contracts/store-fixture.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { until } from '../support/processes.ts';
import {
  configurationOf,
  openStoredPeople,
  presented,
  type StoredPeople,
} from '../support/stored-people.ts';

const never = new AbortController().signal;
const denial = { reason: 'stolen', by: 'first' };

/** The rules of one worker, as it makes them. */
interface Worker extends AsyncDisposable {
  rule(plugin: AuthorizerPlugin<never>, options: unknown): Promise<Rule>;
  servicesOfRule(): RuleServices;
}

interface Rule {
  /** What it says to who shows this: `allow USER`, or the reason of a denial or a fault. */
  asked(shown: Partial<Evidence>): Promise<string>;
  /** The same, if it was remembered, is not asked for again. */
  remembered(shown: Partial<Evidence>): Promise<string>;
}

/** @param isWhole whether the rules are also held to what all authorizers keep, which hashes a lot */
export function testStoredRules(contract: StoreContract, isWhole: boolean): void {
  describe(`rules by the store ${contract.name}`, { skip: contract.skip }, () => {
    const pki = createPki();
    let host: StoreHost;
    let stored: StoredPeople;
    let worker: Worker;
    before(async () => {
      host = await contract.host();
      stored = await openStoredPeople(host.settings());
      worker = await startWorker(stored);
    });
    after(async () => {
      await worker[Symbol.asyncDispose]();
      await stored[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
      pki[Symbol.dispose]();
    });
    const given = () => ({ stored, worker, pki });
    describe('password', () => testPassword(given));
    describe('session', () => testSession(given));
    describe('certificate', () => testCertificate(given));
    for (const plugin of isWhole ? [passwordPlugin, sessionPlugin] : []) {
      testAuthorizer<never>({
        plugin: plugin as unknown as AuthorizerPlugin<never>,
        options: () => ({ roles: ['staff'], users: ['ann'] }),
        services: () => worker.servicesOfRule().services,
        wrongOptions: [{ users: [] }, { users: 'ann' }, { roles: [''] }, { roles: [5] }],
      });
    }
  });
}

type Given = () => {
  readonly stored: StoredPeople;
  readonly worker: Worker;
  readonly pki: ReturnType<typeof createPki>;
};

function testPassword(given: Given): void {
  const rule = (options: object) => given().worker.rule(passwordPlugin as never, options);

  it('lets in the users and the members of the roles that it names, with their passwords', async () => {
    const { stored } = given();
    await stored.addUser('ann', 'one', ['staff']);
    await stored.addUser('bob', 'two', ['guests']);
    const staff = await rule({ roles: ['staff', 'nobody'], users: ['bob', 'eve'] });
    assert.equal(await staff.asked(basic('ann', 'one')), 'allow user:ann');
    assert.equal(await staff.asked(basic('bob', 'two')), 'allow user:bob');
    assert.equal(await staff.asked(basic('ann', 'two')), 'the password of "ann" is wrong');
    assert.equal(await staff.asked(basic('eve', 'x')), 'the store has no user "eve"');
    assert.equal(await staff.asked(basic('first', 'x')), 'the user "first" has no password');
    const guests = await rule({ roles: ['guests'] });
    assert.equal(
      await guests.asked(basic('ann', 'one')),
      'the rule does not name the user "ann", who is in no role that it names',
    );
    const bob = await rule({ users: ['bob'] });
    assert.equal(await bob.asked(basic('ann', 'one')), 'the rule does not name the user "ann"');
  });

  it('T56 takes hostile names for nobody', async () => {
    const everybody = await rule({ users: ['ann', '__proto__', '$ne'], roles: ['constructor'] });
    for (const user of ['__proto__', 'constructor', '$ne', '', 'a\0', 'x'.repeat(100_000)]) {
      assert.match(await everybody.asked(basic(user, 'one')), /the store has no user/);
    }
  });

  it('counts a role that is not there for nobody, though somebody has its name', async () => {
    const { stored } = given();
    const cy = await stored.addUser('cy', 'one', ['fleeting']);
    const fleeting = await rule({ roles: ['fleeting'] });
    assert.equal(await fleeting.asked(basic('cy', 'one')), 'allow user:cy');
    const role = await stored.people.roles.byId('fleeting');
    assert.ok(role);
    // As when a deletion stops in between.
    await stored.store.remove('roles', role._id);
    await seen(() => fleeting.asked(basic('cy', 'one')), /in no role that it names/);
    assert.deepEqual((await stored.people.users.byLogin(cy.login))?.roles, ['fleeting']);
  });

  it('lets super-users in where they are named, by what the role says', async () => {
    const { stored } = given();
    const dee = await stored.addUser('dee', 'one');
    await stored.people.users.addRole(dee, superUsersRole);
    const admins = await rule({ roles: [superUsersRole] });
    const staff = await rule({ roles: ['staff'] });
    assert.equal(await admins.asked(basic('dee', 'one')), 'allow user:dee');
    assert.match(await staff.asked(basic('dee', 'one')), /in no role that it names/);
    // A copy of the role's name in the user's document says nothing.
    const { outcome } = await stored.store.update(
      'users',
      (await stored.addUser('ed', 'one'))._id,
      {
        $addToSet: { roles: superUsersRole },
      },
    );
    assert.equal(outcome, 'updated');
    assert.match(await admins.asked(basic('ed', 'one')), /in no role that it names/);
  });

  it('T54 forgets whom it let in when the password, the roles or the user change', async () => {
    const { stored } = given();
    const { users, roles, sessions } = stored.people;
    const fay = await stored.addUser('fay', 'one', ['team']);
    const team = await rule({ roles: ['team'] });
    const shown = basic('fay', 'one');
    assert.equal(await team.remembered(shown), 'allow user:fay');
    assert.equal(await users.removeRole(fay, 'team'), 'done');
    await seen(() => team.remembered(shown), /in no role that it names/);
    await users.addRole(fay, 'team');
    await seen(() => team.remembered(shown), /^allow/);
    const present = await users.byLogin('fay');
    assert.ok(present);
    await users.disable(present, sessions);
    await seen(() => team.remembered(shown), /the user "fay" is disabled/);
    await users.enable(present);
    await seen(() => team.remembered(shown), /^allow/);
    const { password } = await stored.addUser('gil', 'other');
    await users.update(present, { password });
    await seen(() => team.remembered(shown), /the password of "fay" is wrong/);
    assert.equal(await team.remembered(basic('fay', 'other')), 'allow user:fay');
    assert.ok(await roles.byId('team'));
  });

  it('T52 bounds guessing, and hears again who was right a moment ago', async () => {
    const { stored } = given();
    await stored.addUser('hal', 'one');
    const hal = await rule({ users: ['hal'] });
    assert.equal(await hal.asked(basic('hal', 'one')), 'allow user:hal');
    // All at once: with time, guesses are heard again.
    const guesses = Array.from({ length: 11 }, (_, index) => `guess ${index}`);
    const answers = await Promise.all(
      [...guesses, 'one'].map((password) => hal.asked(basic('hal', password))),
    );
    assert.equal(answers.at(-1), 'allow user:hal');
    assert.equal(answers.filter((answer) => answer.includes('too many')).length, 1);
  });
}

function testSession(given: Given): void {
  const rule = (options: object) => given().worker.rule(sessionPlugin as never, options);
  const logIn = async (user: User) => shows((await given().stored.login(user)).certificate);

  it('lets in users and members of roles by the certificates of their sessions', async () => {
    const { stored } = given();
    const ida = await stored.addUser('ida', 'one', ['crew']);
    const jon = await stored.addUser('jon', 'one');
    const crew = await rule({ roles: ['crew'] });
    const both = await rule({ roles: ['crew'], users: ['jon'] });
    assert.equal(await crew.asked(await logIn(ida)), 'allow user:ida');
    assert.match(await crew.asked(await logIn(jon)), /does not name the user "jon"/);
    assert.equal(await both.asked(await logIn(jon)), 'allow user:jon');
    assert.equal(await both.asked({}), 'no client certificate was presented');
    const [first] = await stored.people.users.find({ filter: where({ login: 'first' }) });
    assert.ok(first);
    assert.match(await both.asked(await logIn(first)), /does not name the user "first"/);
    const admins = await rule({ roles: [superUsersRole] });
    assert.equal(await admins.asked(await logIn(first)), 'allow user:first');
  });

  it('T54 refuses a session that has ended, one that was never recorded, and one of another', async () => {
    const { stored } = given();
    const kim = await stored.addUser('kim', 'one');
    const rules = await rule({ users: ['kim'] });
    const session = await stored.login(kim);
    const shown = shows(session.certificate);
    assert.equal(await rules.remembered(shown), 'allow user:kim');
    await stored.people.sessions.close(session.serial);
    await seen(() => rules.remembered(shown), /its session has ended/);
    const holder = { kind: 'user', login: 'kim', id: kim._id } as const;
    const unrecorded = await stored.sign(holder);
    assert.match(await rules.asked(shows(unrecorded.certificate)), /its session has ended/);
    const expires = new Date(Date.now() + 60_000);
    const other = await stored.sign(holder);
    await stored.people.sessions.open({ serial: other.serial, user: newId(), expires });
    assert.match(await rules.asked(shows(other.certificate)), /its session has ended/);
  });

  it('T54 refuses the sessions of users who are disabled, deleted, or made anew', async () => {
    const { stored } = given();
    const { users, sessions } = stored.people;
    const lea = await stored.addUser('lea', 'one');
    const rules = await rule({ users: ['lea'] });
    const session = await stored.login(lea);
    const shown = shows(session.certificate);
    assert.equal(await rules.remembered(shown), 'allow user:lea');
    await users.disable(lea, sessions);
    await seen(() => rules.remembered(shown), /its session has ended|is disabled/);
    await users.delete((await users.byLogin('lea')) ?? lea, sessions);
    await stored.addUser('lea', 'one');
    // As if the record had been left behind.
    const expires = session.notAfter;
    await stored.people.sessions.open({ serial: session.serial, user: lea._id, expires });
    await seen(() => rules.asked(shown), /it is of an earlier user "lea", who was deleted/);
  });

  it('refuses what is no session of a user: a consumer, another CA, the word of the client', async () => {
    const { stored, pki } = given();
    const max = await stored.addUser('max', 'one');
    const rules = await rule({ users: ['max'] });
    const consumer = await stored.sign({ kind: 'consumer', id: 'max', record: max._id });
    assert.match(await rules.asked(shows(consumer.certificate)), /certificate of a consumer/);
    const ca = await pki.authority();
    const forged = await pki.client(ca, { subject: `/CN=admin:max:${max._id}` });
    assert.match(await rules.asked(shows(forged.certificate)), /it is no session certificate/);
    const { certificate } = await logIn(max);
    const sent = { certificate: { ...certificate, vouchedBy: 'client' as const } };
    assert.match(await rules.asked(sent), /not proved in a TLS handshake/);
    assert.equal(await rules.asked({ certificate: { unusable: 'it is odd' } }), 'it is odd');
  });

  it('refuses a session whose certificate is on the deny-list', async () => {
    const { stored } = given();
    const ned = await stored.addUser('ned', 'one');
    const rules = await rule({ users: ['ned'] });
    const session = await stored.login(ned);
    const shown = shows(session.certificate);
    assert.equal(await rules.remembered(shown), 'allow user:ned');
    await stored.denied.add({ fingerprint: session.fingerprint }, denial);
    await seen(() => rules.remembered(shown), /on the deny-list of the store: stolen/);
  });
}

function testCertificate(given: Given): void {
  let ca: Credential;
  let file: string;
  before(async () => {
    ca = await given().pki.authority();
    file = given().pki.write('content-ca.pem', ca.certificate);
  });
  const rule = (options: object) => given().worker.rule(certificatePlugin as never, options);

  it('refuses what is put on the deny-list, and lets it in again when it is taken off', async () => {
    const { stored, pki } = given();
    const rules = await rule({ ca: file });
    const client = await pki.client(ca);
    const other = await pki.client(ca);
    const shown = shows(client.certificate);
    assert.match(await rules.remembered(shown), /^allow certificate/);
    const name = readCertificateName({ certificate: client.certificate });
    assert.ok(!('problem' in name));
    const entry = await stored.denied.add(name, denial);
    await seen(() => rules.remembered(shown), /it is on the deny-list of the store: stolen/);
    assert.match(await rules.remembered(shows(other.certificate)), /^allow certificate/);
    await stored.denied.remove(entry?._id ?? '');
    await seen(() => rules.remembered(shown), /^allow certificate/);
  });

  it('lets in no session, though its CA were the same', async () => {
    const { stored } = given();
    const oda = await stored.addUser('oda', 'one');
    const { sessionCertificate } = stored.settings.api as { sessionCertificate: string };
    const rules = await rule({ ca: sessionCertificate });
    const session = await stored.login(oda);
    assert.match(
      await rules.asked(shows(session.certificate)),
      /it is the certificate of a session, which opens the API/,
    );
  });
}

function basic(user: string, password: string): Partial<Evidence> {
  return { basic: { user, password } };
}

function shows(pem: string) {
  return { certificate: presented(pem) };
}

/** A change reaches a worker after a moment. */
async function seen(ask: () => Promise<string>, expected: RegExp): Promise<void> {
  await until(`the rule says ${expected}`, async () => expected.test(await ask()), 60_000);
}

async function startWorker(stored: StoredPeople): Promise<Worker> {
  const opened = new AsyncDisposableStack();
  const configuration = await configurationOf(stored.settings);
  const controlPlane = opened.use(createControlPlane(configuration, 'read'));
  const log = createLogger({ level: 'error', write: (line) => process.stderr.write(line) });
  const now = () => new Date();
  const directory = new ContentDirectory({ configuration, controlPlane, log, opened });
  const servicesOf = createContentServices({
    ...{ configuration, controlPlane, directory, log },
    now,
    revocation: opened.use(new RevocationLists({ log, now })),
    tokens: new ContentTokens({ configuration, controlPlane, log, now, opened }),
    consumers: new ContentConsumers({ configuration, controlPlane, log, opened }),
    authorityFiles: new Set(),
  });
  const ask = createAskRule(120_000);
  const remember = withMemory(ask, new DecisionMemory({ secondsMax: 60, entriesMax: 1000 }));
  let id = 0;
  return {
    servicesOfRule: () => servicesOf('test'),
    rule: async (plugin, options) => {
      id += 1;
      const { services, basis } = servicesOf(plugin.name);
      const authorizer: Authorizer = await plugin.create(plugin.parseOptions(options), services);
      const rule = { type: 'rule', id, name: plugin.name, at: 'x', authorizer, basis } as const;
      const by = (how: AskRule) => async (shown: Partial<Evidence>) =>
        describeOutcome(
          await how(rule, accessRequest({ evidence: evidence(shown) }), { signal: never }),
        );
      return { asked: by(ask), remembered: by(remember) };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function describeOutcome(outcome: Awaited<ReturnType<AskRule>>): string {
  if (outcome.outcome === 'allow')
    return `allow ${outcome.principal?.kind}:${outcome.principal?.name}`;
  return outcome.outcome === 'abstain' ? 'abstain' : outcome.reason;
}
