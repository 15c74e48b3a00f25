import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dnfInstall } from '../e2e/dnf.ts';
import { curl } from '../e2e/downloaders.ts';
import { type Front, nginxOverHttp, nginxOverUwsgi } from '../e2e/fronts.ts';
import { createSite, needsForSite, packageName, type Site } from '../e2e/site.ts';
import { writeTree } from '../support/application.ts';
import { version1, version3 } from '../support/entitlement-extensions.ts';
import { needs, needsRoot } from '../support/needs.ts';
import type { Credential } from '../support/pki.ts';
import { createScenarioSite, type ScenarioSite, scenarios, urlsOf } from './scenarios.ts';

const skip = needsForSite('curl', 'nginx');

describe('entitlements through nginx', { skip }, () => {
  let site: Site;
  let scenarioSite: ScenarioSite;
  const entitled = new Map<1 | 3, Credential>();
  before(async () => {
    const content = await createSite();
    scenarioSite = await createScenarioSite(content.pki, content.root);
    const tree = content.pki.file('tree');
    writeTree(tree, { listing: '9', '9/listing': 'x86_64' });
    for (const name of ['os', 'debug']) {
      cpSync(content.root, path.join(tree, '9/x86_64', name), { recursive: true });
    }
    const access = { entitlement: { ca: content.clientCa.certificatePath } };
    const distributions = [
      ...scenarioSite.distributions,
      { relativeUrl: 'content/dist', root: tree, access },
    ];
    site = { ...content, distributions };
    const granted = '/content/dist/$releasever/$basearch/os';
    for (const [version, extensions] of [
      [1, version1(granted)],
      [3, version3(granted)],
    ] as const) {
      entitled.set(version, await site.pki.client(site.clientCa, { extensions }));
    }
  });
  after(() => site[Symbol.dispose]());

  for (const [name, start] of [
    ['uwsgi', nginxOverUwsgi],
    ['HTTP', nginxOverHttp],
  ] as const) {
    describe(`entitlements through nginx over ${name}`, () => {
      let front: Front;
      before(async () => {
        front = await start(site);
      });
      after(() => front[Symbol.asyncDispose]());

      const ask = (relativeUrl: string, certificate: Credential | undefined) =>
        curl(site, `${front.url}/pulp/repos/${relativeUrl}`, { certificate });

      for (const [
        index,
        { number, sentence, shown, statusOfX, statusOfY },
      ] of scenarios.entries()) {
        it(`scenario ${number}: ${sentence} gives ${statusOfX} for X and ${statusOfY} for Y`, async () => {
          const { x, y } = urlsOf(index);
          const certificate = scenarioSite.certificateOf(shown);
          const file = 'repodata/repomd.xml';
          assert.equal((await ask(`${x}/${file}`, certificate)).status, statusOfX);
          assert.equal((await ask(`${y}/${file}`, certificate)).status, statusOfY);
        });
      }

      for (const version of [1, 3] as const) {
        it(`version ${version} gives what is at a matching URL, and not what is beside it`, async () => {
          const statusOf = async (file: string) =>
            (await ask(`content/dist/9/x86_64/${file}`, entitled.get(version))).status;
          assert.equal(await statusOf('os/repodata/repomd.xml'), 200);
          assert.equal(await statusOf('debug/repodata/repomd.xml'), 403);
        });

        it(`dnf installs by version ${version}, with variables, and from no other repository`, {
          skip: needs('dnf', 'rpm') || needsRoot(),
        }, async () => {
          const install = (directory: string) =>
            dnfInstall(
              site,
              `${front.url}/pulp/repos/content/dist/$releasever/$basearch/${directory}/`,
              { certificate: entitled.get(version) },
              packageName,
            );
          const own = await install('os');
          assert.deepEqual(own.installed, [packageName, `${packageName}-data`], own.stderr);
          const other = await install('debug');
          assert.match(other.stderr, /Status code: 403 for https:\/\/localhost/);
          assert.deepEqual(other.installed, []);
        });
      }

      it('scenario 14: a path that ends in a variable and a slash gives what is below', async () => {
        const certificate = await site.pki.client(site.clientCa, {
          extensions: version1('content/dist/9/$basearch/'),
        });
        const file = 'content/dist/9/x86_64/os/repodata/repomd.xml';
        assert.equal((await ask(file, certificate)).status, 200);
        assert.equal((await ask('content/dist/9/listing', certificate)).status, 403);
      });

      it('T32 listing files can be read by version 3', async () => {
        const listing = await ask('content/dist/9/listing', entitled.get(3));
        assert.equal(listing.body.toString(), 'x86_64');
        assert.equal((await ask('content/dist/9/listing', entitled.get(1))).status, 403);
        assert.equal((await ask('content/dist/9/x/listing', entitled.get(3))).status, 404);
        assert.equal((await ask('content/dist/9/listing', undefined)).status, 403);
      });
    });
  }
});
