import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { dnfInstall } from '../e2e/dnf.ts';
import { curl } from '../e2e/downloaders.ts';
import { createSite, needsForSite, packageName, type Site } from '../e2e/site.ts';
import { createScenarioSite, type ScenarioSite, scenarios } from '../entitlement/scenarios.ts';
import { version1, version3 } from '../support/entitlement-extensions.ts';
import { needs, needsRoot } from '../support/needs.ts';
import type { Credential } from '../support/pki.ts';
import { createPulp2, type Pulp2 } from './pulp2-fixture.ts';
import { type ServedImport, serveImport } from './served-import.ts';

const skip = needsForSite('curl', 'nginx');

describe("Pulp 2's scenarios, imported and through nginx", { skip }, () => {
  let site: Site;
  let scenarioSite: ScenarioSite;
  before(async () => {
    site = await createSite();
    scenarioSite = await createScenarioSite(site.pki, site.root);
  });
  after(() => site[Symbol.dispose]());

  const caOf = (authority: 'own' | 'global'): string => {
    const { entitlement } = scenarioSite.accessBy(authority) as { entitlement: { ca: string } };
    return readFileSync(entitlement.ca, 'utf8');
  };

  /** X is `s/x` and Y is `s/y`, each with a CA of its own, by the global one, or by none. */
  const pulpFor = (x: string | undefined, y: string | undefined): Pulp2 => {
    const pulp2 = createPulp2();
    const listing: Record<string, string> = {};
    for (const [id, authority] of [
      ['x', x],
      ['y', y],
    ] as const) {
      pulp2.publishYum({ id, relativeUrl: `s/${id}`, content: site.root });
      if (authority !== undefined) listing[`s/${id}`] = id;
      if (authority === 'own') pulp2.bundle(caOf('own'), id);
      if (authority === 'global') pulp2.bundle(caOf('global'));
    }
    pulp2.protect(listing);
    return pulp2;
  };

  const groups = Map.groupBy(scenarios, ({ x, y }) => `${x ?? 'no CA'} and ${y ?? 'no CA'}`);
  for (const [name, group] of groups) {
    describe(`imported, X and Y with ${name}`, () => {
      let pulp2: Pulp2;
      let served: ServedImport;
      before(async () => {
        pulp2 = pulpFor(group[0]?.x, group[0]?.y);
        served = await serveImport(pulp2, site);
      });
      after(async () => {
        await served?.[Symbol.asyncDispose]();
        pulp2[Symbol.dispose]();
      });

      const statusOf = async (path: string, certificate: Credential | undefined) =>
        (await curl(site, `${served.url}/pulp/repos/${path}`, { certificate })).status;

      for (const { number, sentence, shown, statusOfX, statusOfY } of group) {
        it(`imported scenario ${number}: ${sentence} gives ${statusOfX} for X and ${statusOfY} for Y`, async () => {
          const certificate = scenarioSite.certificateOf(shown);
          const file = `${packageName}-1.0-1.noarch.rpm`;
          for (const path of ['repodata/repomd.xml', file]) {
            assert.equal(await statusOf(`s/x/${path}`, certificate), statusOfX, path);
            assert.equal(await statusOf(`s/y/${path}`, certificate), statusOfY, path);
          }
        });
      }
    });
  }

  describe('an imported repository with variables', () => {
    const relativeUrl = 'content/dist/9/x86_64/os';
    const granted = '/content/dist/$releasever/$basearch/os';
    let pulp2: Pulp2;
    let served: ServedImport;
    before(async () => {
      pulp2 = createPulp2();
      pulp2.publishYum({ id: 'os', relativeUrl, content: site.root });
      pulp2.publishYum({ id: 'debug', relativeUrl: 'content/dist/9/x86_64/debug' });
      pulp2.bundle(site.clientCa.certificate);
      pulp2.protect({ [relativeUrl]: 'os' });
      served = await serveImport(pulp2, site);
    });
    after(async () => {
      await served?.[Symbol.asyncDispose]();
      pulp2[Symbol.dispose]();
    });

    for (const [version, extensions] of [
      [1, version1(granted)],
      [3, version3(granted)],
    ] as const) {
      it(`dnf installs from it by version ${version}, and from no other repository`, {
        skip: needs('dnf', 'rpm') || needsRoot(),
      }, async () => {
        const certificate = await site.pki.client(site.clientCa, { extensions });
        const install = (directory: string) =>
          dnfInstall(
            site,
            `${served.url}/pulp/repos/content/dist/$releasever/$basearch/${directory}/`,
            { certificate },
            packageName,
          );
        const own = await install('os');
        assert.deepEqual(own.installed, [packageName, `${packageName}-data`], own.stderr);
        const other = await install('debug');
        assert.match(other.stderr, /Status code: 403 for https:\/\/localhost/);
      });
    }

    it('T32 its listing files say what the variables may stand for, to the entitled alone', async () => {
      const extensions = version3(granted);
      const certificate = await site.pki.client(site.clientCa, { extensions });
      const ask = (path: string, shown: Credential | undefined) =>
        curl(site, `${served.url}/pulp/repos/${path}`, { certificate: shown });
      for (const [path, text] of [
        ['content/dist/listing', '9'],
        ['content/dist/9/listing', 'x86_64'],
      ] as const) {
        assert.equal((await ask(path, certificate)).body.toString(), text);
        assert.equal((await ask(path, undefined)).status, 403);
        assert.equal((await ask(path, site.clients.stranger)).status, 403);
      }
    });
  });
});
