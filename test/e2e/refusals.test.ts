import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { run, until } from '../support/processes.ts';
import { curl, type Identity } from './downloaders.ts';
import { builtIn, type Front, nginxOverHttp, nginxOverUwsgi } from './fronts.ts';
import { apache, lighttpd } from './sendfile-fronts.ts';
import { type Clients, createSite, needsForSite, type Site } from './site.ts';

const skip = needsForSite(
  'curl',
  'nginx',
  'apache2',
  'mod_xsendfile',
  'lighttpd',
  'lighttpd_openssl',
);

interface Refused {
  readonly name: string;
  readonly identity: (site: Site) => Identity;
  /** For `acme/el9`, where a password could help, and `acme/certificates`, where none could. */
  readonly statuses: readonly [el9: number, certificates: number];
  /** What the operator reads. */
  readonly reason: RegExp;
  /** Whether nginx refuses the certificate by itself, with 403 and in its refusal log. */
  readonly byNginx?: true;
}

const certificate = (name: keyof Clients) => (site: Site) => ({ certificate: site.clients[name] });

const refusals: readonly Refused[] = [
  {
    name: 'no credential',
    identity: () => ({}),
    statuses: [401, 403],
    reason: /no client certificate was presented/,
  },
  {
    name: "another CA's certificate",
    identity: certificate('stranger'),
    statuses: [401, 403],
    reason: /the certificate of O=.+ is not accepted under .*\/certificate\.pem/,
  },
  {
    name: 'an expired certificate',
    identity: certificate('expired'),
    statuses: [401, 403],
    reason: /expired/,
    byNginx: true,
  },
  {
    name: 'a certificate that is not valid yet',
    identity: certificate('notYetValid'),
    statuses: [401, 403],
    reason: /not (?:yet )?valid/,
    byNginx: true,
  },
  {
    name: 'a certificate for servers alone',
    identity: certificate('serverOnly'),
    statuses: [401, 403],
    reason: /purpose|clientAuth|client authentication/,
  },
  {
    name: 'a serial number on the deny-list',
    identity: certificate('denied'),
    statuses: [401, 403],
    reason: /the serial number deadbeef01 of .*CN=.+ is on the deny-list/,
  },
  {
    name: 'a wrong password',
    identity: (site) => ({ login: { user: site.user, password: 'wrong' } }),
    statuses: [401, 403],
    reason: /password|no client certificate was presented/,
  },
  {
    name: 'an unknown user',
    identity: () => ({ login: { user: 'nobody', password: 'wrong' } }),
    statuses: [401, 403],
    reason: /password|no client certificate was presented/,
  },
];

describe('refusals', { skip }, () => {
  let site: Site;
  before(async () => {
    site = await createSite();
  });
  after(() => site[Symbol.dispose]());

  refusalTests('nginx over uwsgi', () => site, nginxOverUwsgi, true);
  refusalTests('nginx over HTTP', () => site, nginxOverHttp, true);
  refusalTests('the built-in listener', () => site, builtIn, false);

  // They end the handshake of a client whose certificate they do not like.
  for (const [name, start] of [
    ['Apache', apache],
    ['lighttpd', lighttpd],
  ] as const) {
    it(`refusals behind ${name} tell nothing of the file`, async () => {
      await using front = await start(site);
      const url = `${front.url}/pulp/repos/acme/el9/repodata/repomd.xml`;
      await assertRefused(site, url, {}, 401);
      await assertRefused(site, url, { login: { user: site.user, password: 'wrong' } }, 401);
      await assertRefused(site, url, { certificate: site.clients.denied }, 401);
      const other = url.replace('acme', 'other');
      await assertRefused(site, other, { certificate: site.clients.entitled }, 403);
    });
  }
});

function refusalTests(
  name: string,
  siteOf: () => Site,
  start: (site: Site) => Promise<Front>,
  hasNginx: boolean,
): void {
  describe(`refusals by ${name}`, () => {
    let site: Site;
    let front: Front;
    before(async () => {
      site = siteOf();
      front = await start(site);
    });
    after(() => front[Symbol.asyncDispose]());

    for (const refused of refusals) {
      const isByNginx = hasNginx && refused.byNginx === true;
      const [el9, certificates] = isByNginx ? [403, 403] : refused.statuses;
      const path = 'repodata/repomd.xml';
      for (const [relativeUrl, status] of [
        ['acme/el9', el9],
        ['acme/certificates', certificates],
      ] as const) {
        it(`refusals: ${refused.name} gets ${status} from ${relativeUrl}`, async () => {
          const before = front.refusalLog().length;
          const url = `${front.url}/pulp/repos/${relativeUrl}/${path}`;
          await assertRefused(site, url, refused.identity(site), status);
          const lines = () => (isByNginx ? front.refusalLog() : decisions(front)).slice(before);
          await until('the reason is logged', () =>
            lines().some((line) => refused.reason.test(line)),
          );
        });
      }
    }

    it('refusals: an entitled client gets 403 from another repository', async () => {
      const url = `${front.url}/pulp/repos/other/el9/repodata/repomd.xml`;
      await assertRefused(site, url, { certificate: site.clients.entitled }, 403);
    });

    it('refusals: an entitled client gets 404 where nothing is served', async () => {
      const url = `${front.url}/pulp/repos/acme/el8/repodata/repomd.xml`;
      await assertRefused(site, url, { certificate: site.clients.entitled }, 404);
    });

    it('refusals: plain HTTP gets no file from the TLS port', async () => {
      const url = `http://localhost:${front.port}/pulp/repos/acme/el9/repodata/repomd.xml`;
      if (hasNginx) return assertRefused(site, url, { login: site }, 403);
      const { code, stdout } = await run('curl', ['--silent', url]);
      assert.notEqual(code, 0);
      assert.equal(stdout.length, 0);
    });

    it('refusals: the same request is allowed with the right credential', async () => {
      const url = `${front.url}/pulp/repos/acme/el9/repodata/repomd.xml`;
      for (const identity of [{ certificate: site.clients.entitled }, { login: site }]) {
        const answer = await curl(site, url, identity);
        assert.equal(answer.status, 200);
        assert.match(answer.body.toString(), /<repomd /);
      }
    });
  });
}

/** Neither the file nor its place: not its bytes, its length or validators, nor a hand-off header. */
async function assertRefused(
  site: Site,
  url: string,
  identity: Identity,
  status: number,
): Promise<void> {
  const { status: actual, headers, body } = await curl(site, url, identity);
  assert.equal(actual, status);
  assert.doesNotMatch(body.toString(), /repomd|\/tmp\//);
  for (const name of ['x-accel-redirect', 'x-sendfile', 'etag', 'last-modified', 'accept-ranges']) {
    assert.equal(headers[name], undefined, name);
  }
  const challenge = headers['www-authenticate'] ?? '';
  assert.equal(challenge.startsWith('Basic realm='), status === 401);
}

function decisions(front: Front): readonly string[] {
  return front.portcullis.log().map((line) => JSON.stringify(line));
}
