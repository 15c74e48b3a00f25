/** The rule `consumer` of a worker, on any store: who is registered and bound, and nobody else. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { plugin as certificatePlugin } from '../../auth-plugins/certificate/index.ts';
import { plugin } from '../../auth-plugins/consumer/index.ts';
import type { RuleServices } from '../../src/access/compile.ts';
import { DecisionMemory } from '../../src/access/memory.ts';
import { createAskRule, withMemory } from '../../src/access/policy.ts';
import { Bindings } from '../../src/consumers/bindings.ts';
import { Consumers } from '../../src/consumers/consumers.ts';
import type { Consumer } from '../../src/consumers/documents.ts';
import { KnownConsumers } from '../../src/consumers/known-consumers.ts';
import { createStoredConsumers } from '../../src/consumers/stored-consumers.ts';
import type { SessionCertificate } from '../../src/identity/session-certificate.ts';
import { createLogger } from '../../src/log.ts';
import type { ClientCertificate } from '../../src/model.ts';
import { readCertificateName } from '../../src/people/certificate-name.ts';
import type { AuthorizerPlugin } from '../../src/plugin.ts';
import { RevocationLists } from '../../src/revocation/revocation-lists.ts';
import { newId } from '../../src/stores/document.ts';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import { ContentConsumers } from '../../src/work/content-consumers.ts';
import { ContentDirectory } from '../../src/work/content-directory.ts';
import { createContentServices } from '../../src/work/content-services.ts';
import { ContentTokens } from '../../src/work/content-tokens.ts';
import { createControlPlane } from '../../src/work/control-plane.ts';
import { testAuthorizer } from '../contracts/authorizer.ts';
import type { StoreContract, StoreHost } from '../contracts/store-fixture.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import { createPki } from '../support/pki.ts';
import { until } from '../support/processes.ts';
import {
  configurationOf,
  openStoredPeople,
  presented,
  type StoredPeople,
} from '../support/stored-people.ts';

const target = { repo_id: 'acme-el9', distributor_id: 'yum_distributor' };
const binding = { ...target, notify_agent: false, binding_config: {}, is_granted: true };
const { signal } = new AbortController();

interface Rule {
  /** `allow NAME`, or the reason of a denial or a fault; also as it is remembered. */
  ask(certificate: ClientCertificate | undefined, repository?: string): Promise<string>;
}

interface Worker extends AsyncDisposable {
  rule(options: unknown, of?: AuthorizerPlugin<never>): Promise<Rule>;
  services(): RuleServices;
}

/** @param isWhole whether the rule is also held to what all authorizers keep */
export function testConsumerRule(contract: StoreContract, isWhole: boolean): void {
  describe(`the rule consumer by the store ${contract.name}`, { skip: contract.skip }, () => {
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
    });
    testDecisions(() => ({ stored, worker }));
    testEnds(() => ({ stored, worker }));
    if (!isWhole) return;
    testAuthorizer({
      plugin,
      options: () => ({ repository: 'acme-el9' }),
      services: () => worker.services().services,
      wrongOptions: [{ repository: '' }, { repository: 5 }, { repository: 'a/b' }, { repo: 'x' }],
      optionsAreOptional: true,
    });
  });
}

type Given = () => { readonly stored: StoredPeople; readonly worker: Worker };

async function register(stored: StoredPeople, id: string) {
  const consumers = new Consumers(stored.store, () => new Date());
  const fields = { display_name: id, description: null, notes: {}, capabilities: {} };
  const registered = await consumers.register({ id, ...fields, rsa_pub: null }, stored.sign);
  assert.ok(registered !== undefined, `there is a consumer ${id}`);
  return { ...registered, consumers, shown: presented(registered.issued.certificate) };
}

function bindingsOf({ store }: StoredPeople): Bindings {
  return new Bindings(store, () => new Date());
}

function testDecisions(given: Given): void {
  it('lets in who is bound to the repository, of the rule or of the distribution', async () => {
    const { stored, worker } = given();
    const { consumer, shown } = await register(stored, 'web-01');
    await bindingsOf(stored).bind(consumer, binding);
    const named = await worker.rule({ repository: 'acme-el9' });
    assert.equal(await named.ask(shown), 'allow plugin:consumer:web-01');
    const own = await worker.rule({});
    assert.equal(await own.ask(shown, 'acme-el9'), 'allow plugin:consumer:web-01');
    const no = 'the certificate lets no consumer in here: ';
    const unbound = `${no}the consumer "web-01" is not bound to "other"`;
    assert.equal(await own.ask(shown, 'other'), unbound);
    // The rule's own word counts, whatever is served.
    assert.equal(await named.ask(shown, 'other'), 'allow plugin:consumer:web-01');
    const nothing = 'the distribution is of no repository, and the rule names none';
    assert.equal(await own.ask(shown), nothing);
    assert.equal(await named.ask(undefined), 'no client certificate was presented');
    const told = { ...shown, vouchedBy: 'client' } as const;
    assert.match(await named.ask(told), /^the certificate was not proved in a TLS handshake/);
    const { shown: other } = await register(stored, 'web-02');
    assert.equal(await named.ask(other), `${no}the consumer "web-02" is not bound to "acme-el9"`);
  });

  it('T54 lets nobody in by what a consumer bound itself to, which was open then', async () => {
    const { stored, worker } = given();
    const { consumer, shown } = await register(stored, 'early');
    const bindings = bindingsOf(stored);
    const own = { ...binding, is_granted: false };
    await bindings.bind(consumer, own);
    const rule = await worker.rule({ repository: 'acme-el9' });
    assert.match(await rule.ask(shown), /is not bound to "acme-el9"$/);
    await bindings.bind(consumer, binding);
    // What an operator has granted is not taken back by the consumer's own call.
    await bindings.bind(consumer, own);
    const again = await worker.rule({ repository: 'acme-el9' });
    const allowed = async () => (await again.ask(shown)) === 'allow plugin:consumer:early';
    await until('the rule has heard of the binding', allowed, 60_000);
  });

  it('T19d T54 takes no user for a consumer, and no certificate that the store does not have', async () => {
    const { stored, worker } = given();
    const { consumer } = await register(stored, 'twin');
    await bindingsOf(stored).bind(consumer, binding);
    const user = await stored.addUser('twin', 'secret');
    const rule = await worker.rule({ repository: 'acme-el9' });
    const no = 'the certificate lets no consumer in here: ';
    const reasonOf = async (certificate: SessionCertificate): Promise<string> =>
      rule.ask(presented(certificate.certificate));
    assert.equal(
      await reasonOf(await stored.login(user)),
      `${no}it is the certificate of a user's session`,
    );
    const { record } = consumer;
    const sign = (id: string, of: string) => stored.sign({ kind: 'consumer', id, record: of });
    const replaced = `${no}the consumer "twin" has other certificates in its place`;
    assert.equal(await reasonOf(await sign('twin', record)), replaced);
    const earlier = `${no}it is of an earlier consumer "twin", which was deleted`;
    assert.equal(await reasonOf(await sign('twin', newId())), earlier);
    const unknown = `${no}the store has no consumer "nobody"`;
    assert.equal(await reasonOf(await sign('nobody', record)), unknown);
  });
}

function testEnds(given: Given): void {
  const denied = 'the certificate lets no consumer in here: ';
  const bound = async (id: string) => {
    const { stored, worker } = given();
    const registered = await register(stored, id);
    await bindingsOf(stored).bind(registered.consumer, binding);
    const rule = await worker.rule({ repository: 'acme-el9' });
    const ask = (): Promise<string> => rule.ask(registered.shown);
    assert.equal(await ask(), `allow plugin:consumer:${id}`);
    return { ...registered, stored, ask };
  };
  /** A change reaches a worker after a moment, though the decision was remembered. */
  const seen = (ask: () => Promise<string>, expected: string): Promise<void> =>
    until(`the rule says ${expected}`, async () => (await ask()) === expected, 60_000);

  it('ends what was remembered of a consumer that is not bound any more', async () => {
    const { consumer, stored, ask } = await bound('unbound');
    assert.equal(await bindingsOf(stored).unbind(consumer, target), true);
    await seen(ask, `${denied}the consumer "unbound" is not bound to "acme-el9"`);
    assert.equal(changeReachesWithinMilliseconds, 1000);
  });

  it('ends it with the distributor and the repository that it was bound to', async () => {
    const { stored, ask } = await bound('orphaned');
    await bindingsOf(stored).removeTarget('acme-el9', 'another');
    assert.equal(await ask(), 'allow plugin:consumer:orphaned');
    await bindingsOf(stored).removeTarget('acme-el9');
    await seen(ask, `${denied}the consumer "orphaned" is not bound to "acme-el9"`);
  });

  it('ends it with the consumer, also when there is another under its id', async () => {
    const { consumers, stored, ask } = await bound('again');
    assert.equal(await consumers.delete('again'), true);
    await seen(ask, `${denied}the store has no consumer "again"`);
    const second = await register(stored, 'again');
    await bindingsOf(stored).bind(second.consumer, binding);
    await seen(ask, `${denied}it is of an earlier consumer "again", which was deleted`);
  });

  it('ends it with the certificate: by another one in its place, and by the deny-list', async () => {
    const { consumer, consumers, issued, stored, ask } = await bound('renewed');
    assert.ok((await consumers.renew(consumer, 'end', stored.sign)) !== undefined);
    await seen(ask, `${denied}the consumer "renewed" has other certificates in its place`);
    const other = await bound('stolen');
    const name = readCertificateName({ certificate: other.issued.certificate });
    assert.ok(!('problem' in name) && issued.serial !== '');
    await stored.denied.add(name, { reason: 'stolen', by: 'first' });
    await seen(other.ask, `${denied}it is on the deny-list of the store: stolen`);
  });

  it('is a fault, and no answer, where the store cannot be asked', async () => {
    const { stored } = given();
    const { consumer, shown } = await register(stored, 'faulty');
    const away = new KnownConsumers({ read: () => Promise.reject(new Error('it is away')) });
    const consumers = createStoredConsumers({
      known: away,
      sessions: { verify: async () => ({ valid: true, ...holderOf(consumer) }) },
      denialOf: async () => undefined,
    });
    await assert.rejects(consumers.verify(shown, 'acme-el9'), /it is away/);
  });

  it('T59 is a fault without the CA of sessions only where nothing else refuses', async () => {
    const { stored } = given();
    const { consumer, shown } = await register(stored, 'without-ca');
    const fault = async (): Promise<never> => Promise.reject(new Error('there is no CA'));
    const consumers = createStoredConsumers({
      known: new KnownConsumers({ read: (_, __, load) => load(stored.store) }),
      sessions: { verify: fault },
      denialOf: async () => undefined,
    });
    const ask = async (pem: string, repository = 'acme-el9'): Promise<string> => {
      const verdict = await consumers.verify(presented(pem), repository);
      return verdict.outcome === 'refused' ? verdict.reason : verdict.outcome;
    };
    using pki = createPki();
    const { certificate: stranger } = await pki.authority();
    assert.equal(await ask(stranger), 'it is no certificate of a consumer: it names none');
    const { _id: id, record } = consumer;
    const unknown = await stored.sign({ kind: 'consumer', id: 'unknown', record });
    assert.equal(await ask(unknown.certificate), 'the store has no consumer "unknown"');
    const unbound = 'the consumer "without-ca" is not bound to "acme-el9"';
    const verdict = await consumers.verify(shown, 'acme-el9');
    assert.deepEqual(verdict, { outcome: 'refused', reason: unbound });
    await bindingsOf(stored).bind(consumer, binding);
    await assert.rejects(consumers.verify(shown, 'acme-el9'), /there is no CA/);
    const another = await stored.sign({ kind: 'consumer', id, record });
    const replaced = 'the consumer "without-ca" has other certificates in its place';
    assert.equal(await ask(another.certificate), replaced);
  });

  it('is no certificate of another rule that trusts the same CA, without a binding', async () => {
    const { stored, worker } = given();
    const { shown } = await register(stored, 'elsewhere');
    const { api } = await configurationOf(stored.settings);
    const options = { ca: api.sessionCertificate, subject: { CN: ['admin:ann:x'] } };
    const rule = await worker.rule(options, certificatePlugin as never);
    assert.match(await rule.ask(shown), /subject/);
  });
}

function holderOf({ _id: id, record }: Consumer) {
  const certificate = { serial: '1', chainNotAfter: new Date() } as never;
  return { holder: { kind: 'consumer', id, record } as const, certificate };
}

async function startWorker(stored: StoredPeople): Promise<Worker> {
  const opened = new AsyncDisposableStack();
  const configuration = await configurationOf(stored.settings);
  const controlPlane = opened.use(createControlPlane(configuration, 'read'));
  const log = createLogger({ level: 'error', write: (line) => process.stderr.write(line) });
  const now = () => new Date();
  const shared = { configuration, controlPlane, log, opened };
  const servicesOf = createContentServices({
    ...{ configuration, controlPlane, log, now },
    directory: new ContentDirectory(shared),
    revocation: opened.use(new RevocationLists({ log, now })),
    tokens: new ContentTokens({ ...shared, now }),
    consumers: new ContentConsumers(shared),
    authorityFiles: new Set(),
  });
  const ask = withMemory(
    createAskRule(120_000),
    new DecisionMemory({ secondsMax: 60, entriesMax: 1000 }),
  );
  let id = 0;
  return {
    services: () => servicesOf('consumer'),
    rule: async (options, of = plugin as never) => {
      id += 1;
      const { services, basis } = servicesOf(of.name);
      const authorizer = await of.create(of.parseOptions(options), services);
      const rule = { type: 'rule', id, name: of.name, at: 'x', authorizer, basis } as const;
      return {
        ask: async (certificate, repository) => {
          // Another distribution for each repository: nothing is remembered of one for another.
          const place = { distribution: repository ?? 'acme/el9', repository };
          const request = accessRequest({ ...place, evidence: evidence({ certificate }) });
          const outcome = await ask(rule, request, { signal });
          if (outcome.outcome === 'abstain') return 'abstain';
          if (outcome.outcome !== 'allow') return outcome.reason;
          return `allow ${outcome.principal?.kind}:${outcome.principal?.name}`;
        },
      };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
