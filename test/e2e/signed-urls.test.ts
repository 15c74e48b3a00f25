/** URLs signed on the command line and tokens of an issuer, through every front as clients use them. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { issuer, makeKey, makeToken, writeKeySet } from '../auth-plugins/jwt/token-fixture.ts';
import { writeUrlKeys } from '../identity/signed-urls/url-fixture.ts';
import { portcullisProgram } from '../support/portcullis.ts';
import { runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { curl } from './downloaders.ts';
import { builtIn, type Front, nginxOverHttp, nginxOverUwsgi } from './fronts.ts';
import { apache, lighttpd } from './sendfile-fronts.ts';
import { createSite, needsForSite, type Site } from './site.ts';

const skip = needsForSite(
  'curl',
  'nginx',
  'apache2',
  'mod_xsendfile',
  'lighttpd',
  'lighttpd_openssl',
);

describe('signed URLs and tokens', { skip }, () => {
  const directory = temporaryDirectory();
  const keys = writeUrlKeys(directory);
  let site: Site;
  const metadata = 'repodata/repomd.xml';
  let signedFile: string;
  let signedDirectory: string;
  let bearer: string;
  let forged: string;

  before(async () => {
    const [key, other] = await Promise.all([makeKey('one'), makeKey('one')]);
    const jwksFile = writeKeySet(directory.file('jwks.json'), key.jwk);
    const claims = { exp: Math.floor(Date.now() / 1000) + 3600, repositories: ['acme/tokens'] };
    [bearer, forged] = await Promise.all([makeToken(key, claims), makeToken(other, claims)]);
    const sign = async (url: string, ...more: readonly string[]) => {
      const line = [portcullisProgram, 'sign-url', '--keys', keys, ...more, url];
      return (await runOk(process.execPath, line)).toString().trim();
    };
    const base = '/pulp/repos/acme/urls';
    signedFile = await sign(`${base}/${metadata}?x=1;y=%20&z`, '--address', '127.0.0.1');
    signedDirectory = await sign(`${base}/repodata/`, '--below');
    const created = await createSite();
    const { root } = created;
    const jwt = { issuer, audience: 'portcullis', algorithms: ['ES256'], jwksFile };
    site = {
      ...created,
      distributions: [
        { relativeUrl: 'acme/urls', root, access: { 'signed-url': { keys } } },
        {
          relativeUrl: 'acme/tokens',
          root,
          access: { jwt: { ...jwt, pathsClaim: 'repositories' } },
        },
        { relativeUrl: 'other', root, access: { jwt: { ...jwt, pathsClaim: 'repositories' } } },
      ],
    };
  });
  after(() => {
    site[Symbol.dispose]();
    directory[Symbol.dispose]();
  });

  const fronts = [
    ['nginx over uwsgi', nginxOverUwsgi],
    ['nginx over HTTP', nginxOverHttp],
    ['Apache', apache],
    ['lighttpd', lighttpd],
    ['the built-in listener', builtIn],
  ] as const;
  for (const [name, start] of fronts) {
    describe(`signed URLs and tokens through ${name}`, () => {
      let front: Front;
      before(async () => {
        front = await start(site);
      });
      after(() => front[Symbol.asyncDispose]());

      const statusOf = async (url: string, ...more: readonly string[]) =>
        (await curl(site, url, {}, ...more)).status;

      it(`signed URLs let in through ${name} what was signed, and nothing else`, async () => {
        const url = front.url + signedFile;
        const answer = await curl(site, url);
        assert.equal(answer.status, 200);
        assert.match(answer.body.toString(), /<repomd/);
        assert.equal(await statusOf(url, '--head'), 200);
        assert.equal(await statusOf(url, '--range', '0-9'), 206);
        for (const refused of [
          url.replace(/\?.*/, ''),
          url.replace('repomd', 'other'),
          url.replace('x=1', 'x=2'),
          url.replace('y=%20', 'y=+'),
          `${url}&utm=1`,
          url.replace('127.0.0.1', '127.0.0.2'),
        ]) {
          assert.equal(await statusOf(refused), 403, refused);
        }
      });

      it(`signed URLs of a directory let in through ${name} to all below it`, async () => {
        const url = front.url + signedDirectory;
        assert.equal(await statusOf(url.replace('repodata/?', `${metadata}?`)), 200);
        assert.equal(await statusOf(url.replace('repodata/?', 'image.iso?')), 403);
      });

      it(`T62 tokens let in through ${name}, and leave no trace in the log`, async () => {
        const authorization = (value: string) => ['--header', `Authorization: Bearer ${value}`];
        const base = `${front.url}/pulp/repos`;
        const own = `${base}/acme/tokens/${metadata}`;
        assert.equal(await statusOf(own, ...authorization(bearer)), 200);
        assert.equal(await statusOf(own, ...authorization(forged)), 401);
        assert.equal(await statusOf(own, ...authorization('')), 400);
        assert.equal(await statusOf(own, ...authorization('a b')), 400);
        assert.equal(await statusOf(own, ...authorization(bearer), ...authorization(bearer)), 400);
        assert.equal(await statusOf(`${base}/other/${metadata}`, ...authorization(bearer)), 403);
        const log = JSON.stringify(front.portcullis.log());
        assert.match(log, /"principal":"jwt:|plugin:jwt:/);
        assert.equal(log.includes(bearer.slice(-40)), false);
        assert.equal(log.includes('portcullis-signature'), false);
      });
    });
  }
});
