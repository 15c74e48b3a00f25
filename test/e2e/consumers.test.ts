/** Consumers with their certificates, through a real nginx, to what they are bound to. */

import assert from 'node:assert/strict';
import { Agent, request } from 'node:https';
import { after, before, describe, it } from 'node:test';
import { Bindings } from '../../src/consumers/bindings.ts';
import { Consumers } from '../../src/consumers/consumers.ts';
import type { Consumer } from '../../src/consumers/documents.ts';
import { openSessionAuthority } from '../../src/identity/session-authority.ts';
import { createLogger } from '../../src/log.ts';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import { needs } from '../support/needs.ts';
import { startNginx } from '../support/nginx.ts';
import { createPki } from '../support/pki.ts';
import { type Portcullis, portcullisProgram, startPortcullis } from '../support/portcullis.ts';
import { freePort, runOk, until } from '../support/processes.ts';
import { createPublishingSite, type PublishingSite } from '../support/published.ts';
import { temporaryDirectory } from '../support/temporary.ts';

interface Registered {
  readonly consumer: Consumer;
  /** With its certificate in the handshake. */
  readonly agent: Agent;
}

const target = { repo_id: 'acme-el9', distributor_id: 'yum_distributor' };

describe('consumers through nginx', { skip: needs('nginx') }, () => {
  const stack = new AsyncDisposableStack();
  const now = (): Date => new Date();
  let site: PublishingSite;
  let portcullis: Portcullis;
  let port = 0;
  let register: (id: string) => Promise<Registered>;

  before(async () => {
    const pki = stack.use(createPki());
    const authority = await pki.authority();
    const server = await pki.server(authority);
    site = stack.use(await createPublishingSite());
    register = await registration(site, stack);
    const authCa = authority.certificate;
    const files = { 'repodata/repomd.xml': '<repomd/>' };
    await site.publish('acme/el9', files, { repository: target.repo_id, authCa });
    await site.publish('other/el9', files, { repository: 'other-el9', authCa });
    const directory = stack.use(temporaryDirectory());
    port = await freePort();
    const address = `unix:${directory.file('portcullis.sock')}`;
    portcullis = stack.use(
      await startPortcullis({
        ...site.settings,
        listen: { uwsgi: { address, handOff: 'x-accel-redirect' } },
        nginx: {
          listen: [`127.0.0.1:${port}`],
          certificate: server.certificatePath,
          key: server.keyPath,
          refusalLog: directory.file('refusals.log'),
        },
      }),
    );
    const command = [portcullisProgram, 'nginx-config', '--config', portcullis.file];
    stack.use(await startNginx((await runOk(process.execPath, command)).toString()));
  });
  after(() => stack.disposeAsync());

  async function get(agent: Agent, relativeUrl: string): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const path = `/pulp/repos/${relativeUrl}/repodata/repomd.xml`;
    request({ host: '127.0.0.1', port, path, agent }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
    return promise;
  }
  const becomes = (status: number, agent: Agent) =>
    until(`it is answered with ${status}`, async () => (await get(agent, 'acme/el9')) === status);

  it('lets a consumer in after it is bound, to nothing else, and no other consumer', async () => {
    const one = await register('web-01');
    const other = await register('web-02');
    assert.equal(await get(one.agent, 'acme/el9'), 403);
    const binding = { ...target, notify_agent: false, binding_config: {}, is_granted: true };
    await new Bindings(site.store, now).bind(one.consumer, binding);
    await becomes(200, one.agent);
    assert.equal(await get(one.agent, 'other/el9'), 403);
    assert.equal(await get(other.agent, 'acme/el9'), 403);
    const isLogged = (name: string, text: string) =>
      until(`${text} is logged`, () =>
        portcullis.log().some((line) => String(line[name]).includes(text)),
      );
    await isLogged('principal', 'consumer:web-01');
    await isLogged('reason', 'the consumer "web-02" is not bound to "acme-el9"');
  });

  it('refuses a consumer after it is unbound, for good within the published time', async () => {
    const one = await register('web-03');
    const bindings = new Bindings(site.store, now);
    const binding = { ...target, notify_agent: false, binding_config: {}, is_granted: true };
    await bindings.bind(one.consumer, binding);
    await becomes(200, one.agent);
    assert.equal(await bindings.unbind(one.consumer, target), true);
    const begun = performance.now();
    let last = 0;
    for (;;) {
      const at = performance.now() - begun;
      if ((await get(one.agent, 'acme/el9')) === 403) break;
      last = at;
    }
    // When the last one began that was let in.
    assert.ok(last < changeReachesWithinMilliseconds, `${last} ms`);
    assert.equal(await get(one.agent, 'acme/el9'), 403);
  });

  it('refuses the certificate of a consumer that was deleted', async () => {
    const one = await register('web-04');
    const binding = { ...target, notify_agent: false, binding_config: {}, is_granted: true };
    await new Bindings(site.store, now).bind(one.consumer, binding);
    await becomes(200, one.agent);
    await new Consumers(site.store, now).delete('web-04');
    await becomes(403, one.agent);
    const again = await register('web-04');
    await new Bindings(site.store, now).bind(again.consumer, binding);
    await becomes(200, again.agent);
    assert.equal(await get(one.agent, 'acme/el9'), 403);
  });
});

/** As the API registers, with the CA of the site. */
async function registration(
  { settings, store }: PublishingSite,
  stack: AsyncDisposableStack,
): Promise<(id: string) => Promise<Registered>> {
  const { sessionCertificate: certificateFile, sessionKey: keyFile } = settings.api;
  const now = (): Date => new Date();
  const log = createLogger({ level: 'error', write: (line) => process.stderr.write(line) });
  const authority = await openSessionAuthority({ certificateFile, keyFile }, { now, log });
  return async (id) => {
    const fields = { display_name: id, description: null, notes: {}, capabilities: {} };
    const registered = await new Consumers(store, now).register(
      { id, ...fields, rsa_pub: null },
      (holder) => authority.issue(holder, 3600),
    );
    assert.ok(registered !== undefined);
    const { consumer, issued } = registered;
    const { key, certificate: cert } = issued;
    const agent = new Agent({ keepAlive: true, rejectUnauthorized: false, key, cert });
    stack.defer(() => agent.destroy());
    return { consumer, agent };
  };
}
