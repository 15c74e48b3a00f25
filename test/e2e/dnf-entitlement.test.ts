/** Entitlement certificates that lose their access, as dnf and the operator see it. */

import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { filePollSeconds, inForceWithinSeconds } from '../../src/revocation/limits.ts';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import { makeList } from '../revocation/list-maker.ts';
import { replaceFile } from '../revocation/rule-fixture.ts';
import {
  administer,
  administrator,
  type ControlPlaneDirectory,
  configurationIn,
  controlPlaneDirectory,
} from '../support/administered.ts';
import { writeTree } from '../support/application.ts';
import { version1, version3 } from '../support/entitlement-extensions.ts';
import { needsRoot } from '../support/needs.ts';
import { startNginx } from '../support/nginx.ts';
import type { Credential } from '../support/pki.ts';
import { portcullisProgram } from '../support/portcullis.ts';
import { freePort, run, until } from '../support/processes.ts';
import { dnfInstall } from './dnf.ts';
import { curl } from './downloaders.ts';
import { renderNginx } from './fronts.ts';
import { type Instance, patienceMs, startInstance } from './pool.ts';
import { createSite, needsForSite, packageName, type Site } from './site.ts';

const skip = needsForSite('curl', 'nginx', 'dnf', 'rpm') || needsRoot();

const workers = 2;
const granted = '/content/dist/$releasever/$basearch/os';
const serials = { 1: '0A01', 3: '0A03' } as const;

/** How long each change may take to be in force, as the documentation says, in milliseconds. */
const bounds = {
  denied: changeReachesWithinMilliseconds,
  revoked: (filePollSeconds + inForceWithinSeconds) * 1000,
};

/** How many of the four changes may be late, on a machine that does other work. */
const lateMax = 1;
const late: number[] = [];

describe('dnf with an entitlement certificate', { skip }, () => {
  const stack = new AsyncDisposableStack();
  let installation: Installation;
  const clients = new Map<1 | 3, Client>();
  before(async () => {
    installation = await install(stack);
    const { site } = installation;
    for (const [version, extensions] of [
      [1, version1(granted)],
      [3, version3(granted)],
    ] as const) {
      const options = { subject: `/CN=host-${version}`, serial: serials[version], extensions };
      const certificate = await site.pki.client(site.clientCa, options);
      clients.set(version, { ...installation, certificate });
    }
  });
  after(() => stack.disposeAsync());

  for (const version of [1, 3] as const) {
    const clientOf = (): Client => {
      const client = clients.get(version);
      assert.ok(client);
      return client;
    };

    it(`version ${version} gives its own repository, with variables, and no other`, async () => {
      const client = clientOf();
      await installs(client);
      assert.match(
        await explain(client, 0),
        /entitled by \/content\/dist\/\$releasever\/\$basearch\/os/,
      );
      const other = await dnf(client, 'debug');
      assert.match(other.stderr, /Status code: 403 for https:\/\/localhost/);
      assert.deepEqual(other.installed, []);
      assert.match(
        await explain(client, 1, 'debug'),
        /is refused: the certificate of CN=host-\d does not grant this path: none of its paths leads there; the nearest is \S+\/os\. The client sees 403\.$/m,
      );
    });

    it(`T16 version ${version} is refused within the bound when its serial number is denied`, async (context) => {
      const client = clientOf();
      await letIn(client);
      const { id } = await deny(client, serials[version]);
      await refusedWithin(client, 'denied', context);
      assert.match(
        await explain(client, 1),
        /is refused: the certificate of CN=host-\d is not accepted under \S+: it is on the deny-list of the store: lost laptop\. The client sees 403\.$/m,
      );
      await call(client, 'DELETE', `${deniedPath}${id}/`);
      await letIn(client);
    });

    it(`T16 version ${version} is refused within the bound when it is on a new revocation list`, async (context) => {
      const client = clientOf();
      await publishList(client, [serials[version]]);
      await refusedWithin(client, 'revoked', context);
      assert.match(
        await explain(client, 1),
        /is refused: the certificate of CN=host-\d is not accepted under \S+: its serial number a0\d is on the revocation list of CN=Client CA \(.*list\.crl, number \d+, .*\) since 2026-03-01T12:00:00Z\. The client sees 403\.$/m,
      );
      await publishList(client, []);
      await letIn(client);
    });

    it(`T66 version ${version} is refused from the reload on that changes the policy`, async () => {
      const client = clientOf();
      const { access, clientAddress } = client;
      await reconfigure(client, { all: [access, { address: { allow: ['192.0.2.0/24'] } }] });
      assert.equal(await statusOf(client), 403);
      await fails(client);
      assert.match(
        await explain(client, 1, 'os', ['--address', clientAddress]),
        /is refused: the address 127\.0\.0\.1 is in no allowed range\. The client sees 403\.$/m,
      );
      await reconfigure(client, access);
      await installs(client);
    });
  }

  it('T32 its listing files say what the variables may stand for, to version 3', async () => {
    const certificate = clients.get(3)?.certificate;
    const ask = (file: string, shown: Credential | undefined) =>
      curl(installation.site, `${installation.url}/pulp/repos/${file}`, { certificate: shown });
    for (const [directory, text] of [
      ['content/dist', '9'],
      ['content/dist/9', 'x86_64'],
    ] as const) {
      const listing = await ask(`${directory}/listing`, certificate);
      assert.deepEqual([listing.status, listing.body.toString()], [200, text]);
      assert.equal((await ask(`${directory}/listing`, undefined)).status, 403);
    }
  });
});

interface Installation {
  readonly site: Site;
  readonly directory: ControlPlaneDirectory;
  readonly instance: Instance;
  /** As `https://localhost:8443`. */
  readonly url: string;
  readonly clientAddress: string;
  /** The policy that lets the certificates in. */
  readonly access: object;
  /** The configuration with another policy. */
  configurationWith(access: object): object;
  /** Of the revocation lists so far. */
  readonly lists: { number: bigint };
}

interface Client extends Installation {
  readonly certificate: Credential;
}

async function install(stack: AsyncDisposableStack): Promise<Installation> {
  const site = stack.use(await createSite());
  const directory = stack.use(controlPlaneDirectory());
  const tree = directory.file('tree');
  writeTree(tree, { listing: '9', '9/listing': 'x86_64' });
  for (const name of ['os', 'debug']) {
    cpSync(site.root, path.join(tree, '9/x86_64', name), { recursive: true });
  }
  const port = await freePort();
  const crl = directory.file('list.crl');
  const access = { entitlement: { ca: site.clientCa.certificatePath, crl } };
  const configurationWith = (policy: object): object => ({
    ...directory.settings,
    workers,
    roles: ['content', 'api'],
    listen: {
      uwsgi: { address: `unix:${directory.file('uwsgi.sock')}`, handOff: 'x-accel-redirect' },
    },
    nginx: {
      listen: [`127.0.0.1:${port}`],
      certificate: site.server.certificatePath,
      key: site.server.keyPath,
      refusalLog: directory.file('refusals.log'),
    },
    distributions: [{ relativeUrl: 'content/dist', root: tree, access: policy }],
  });
  const parts = { site, directory, access, configurationWith, lists: { number: 0n } };
  await publishList(parts, []);
  await administer(await configurationIn(directory, configurationWith(access)));
  const instance = stack.use(startInstance(directory, configurationWith(access)));
  await instance.whole(workers);
  stack.use(await startNginx(await renderNginx(instance)));
  return { ...parts, instance, url: `https://localhost:${port}`, clientAddress: '127.0.0.1' };
}

async function publishList(
  { site, directory, lists }: Pick<Installation, 'site' | 'directory' | 'lists'>,
  revoked: readonly string[],
): Promise<void> {
  lists.number += 1n;
  const entries = revoked.map((serial) => ({ serial }));
  const list = await makeList(site.clientCa, { number: lists.number, revoked: entries });
  replaceFile(directory.file('list.crl'), list);
}

const deniedPath = '/pulp/api/v2/denied_certificates/';

async function deny(client: Client, serial: string): Promise<{ readonly id: string }> {
  const { certificate: issuer } = client.site.clientCa;
  return call(client, 'POST', deniedPath, { issuer, serial, reason: 'lost laptop' });
}

/** A call of the API through nginx. */
async function call(
  { site, url }: Client,
  method: string,
  target: string,
  body?: object,
): Promise<{ readonly id: string }> {
  const { login: user, password } = administrator;
  const sent = body === undefined ? [] : ['--json', JSON.stringify(body)];
  const more = ['--request', method, ...sent];
  const answer = await curl(site, url + target, { login: { user, password } }, ...more);
  assert.ok(answer.status < 300, answer.body.toString());
  return JSON.parse(answer.body.toString()) ?? { id: '' };
}

async function reconfigure({ instance, configurationWith }: Client, access: object): Promise<void> {
  const { done = 0 } = (await instance.status()).reloads;
  instance.configure(configurationWith(access));
  instance.child.kill('SIGHUP');
  const isDone = async () => (await instance.status()).reloads.done === done + 1;
  await until('the reload is done', isDone, patienceMs);
  await instance.whole(workers);
}

function dnf({ site, url, certificate }: Client, directory = 'os') {
  const baseUrl = `${url}/pulp/repos/content/dist/$releasever/$basearch/${directory}/`;
  return dnfInstall(site, baseUrl, { certificate }, packageName);
}

async function installs(client: Client): Promise<void> {
  await letIn(client);
  const { installed, stderr } = await dnf(client);
  assert.deepEqual(installed, [packageName, `${packageName}-data`], stderr);
}

async function fails(client: Client): Promise<void> {
  const { installed, stderr } = await dnf(client);
  assert.match(stderr, /Status code: 403 for https:\/\/localhost/);
  assert.deepEqual(installed, []);
}

async function statusOf({ site, url, certificate }: Client): Promise<number> {
  const file = `${url}/pulp/repos/content/dist/9/x86_64/os/repodata/repomd.xml`;
  return (await curl(site, file, { certificate })).status;
}

/** Waits until each worker has let the client in since the last refusal, and so remembers it. */
async function letIn(client: Client): Promise<void> {
  const before = client.instance.log().length;
  await until(
    'each worker lets the client in',
    async () => {
      if ((await statusOf(client)) !== 200) return false;
      const since = client.instance.log().slice(before);
      const last = since.findLastIndex(({ outcome }) => outcome === 'deny');
      const seen = since.slice(last + 1).filter(({ outcome }) => outcome === 'allow');
      return new Set(seen.map(({ worker }) => worker)).size === workers;
    },
    patienceMs,
  );
}

/** The last request that gets in begins within the bound, and dnf gets nothing from then on. */
async function refusedWithin(
  client: Client,
  change: keyof typeof bounds,
  context: { diagnostic(message: string): void },
): Promise<void> {
  const begin = performance.now();
  let last = 0;
  let refusals = 0;
  await until(
    'the client is refused by each worker',
    async () => {
      const asked = performance.now() - begin;
      const isAllowed = (await statusOf(client)) === 200;
      if (isAllowed) last = asked;
      refusals = isAllowed ? 0 : refusals + 1;
      return asked > bounds[change] && refusals > 0;
    },
    patienceMs,
  );
  context.diagnostic(`the last request got in after ${Math.round(last)} ms`);
  if (last >= bounds[change]) late.push(last);
  assert.ok(late.length <= lateMax, `${late.join()} ms`);
  await fails(client);
}

/** What `portcullis explain` says, which ends with `code`. */
async function explain(
  { instance, certificate }: Client,
  code: number,
  directory = 'os',
  more: readonly string[] = [],
): Promise<string> {
  const target = `/pulp/repos/content/dist/9/x86_64/${directory}/repodata/repomd.xml`;
  const options = ['--config', instance.file, '--cert', certificate.certificatePath, ...more];
  const line = [portcullisProgram, 'explain', target, ...options];
  const explained = await run(process.execPath, line);
  assert.equal(explained.code, code, explained.stdout.toString() + explained.stderr);
  return explained.stdout.toString();
}
