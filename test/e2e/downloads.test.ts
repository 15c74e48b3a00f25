import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { downloaders } from './downloaders.ts';
import { builtIn, type Front, nginxOverHttp, nginxOverUwsgi } from './fronts.ts';
import { apache, lighttpd } from './sendfile-fronts.ts';
import { createSite, imageBytes, needsForSite, type Site } from './site.ts';

const skip = needsForSite(
  'curl',
  'wget',
  'aria2c',
  'nginx',
  'apache2',
  'mod_xsendfile',
  'lighttpd',
  'lighttpd_openssl',
);

describe('downloads', { skip }, () => {
  let site: Site;
  let image: Buffer;
  before(async () => {
    site = await createSite();
    image = readFileSync(`${site.root}/image.iso`);
    assert.equal(image.length, imageBytes);
  });
  after(() => site[Symbol.dispose]());

  const fronts = [
    ['nginx, uwsgi and X-Accel-Redirect', nginxOverUwsgi, /^handed-off$/],
    ['nginx, HTTP with keep-alive and X-Accel-Redirect', nginxOverHttp, /^handed-off$/],
    ['Apache, uwsgi and X-Sendfile', apache, /^handed-off$/],
    ['lighttpd, uwsgi and X-Sendfile', lighttpd, /^handed-off$/],
    ['the built-in listener, streaming', builtIn, /^(?:complete|aborted)$/],
  ] as const;
  for (const [name, start, delivery] of fronts) {
    describe(`downloads through ${name}`, () => {
      let front: Front;
      before(async () => {
        front = await start(site);
      });
      after(() => front[Symbol.asyncDispose]());

      for (const [client, download] of Object.entries(downloaders)) {
        it(`downloads by ${client} are the bytes of the file`, async () => {
          const url = `${front.url}/pulp/isos/acme/certificates/image.iso`;
          const bytes = await download(site, url, site.clients.entitled);
          assert.ok(bytes.equals(image), `${bytes.length} bytes that differ`);
        });
      }

      it('downloads are delivered as the configuration says, several ranges of aria2c at once', () => {
        const requests = front.portcullis.log().filter((line) => line.message === 'request');
        // How many ranges aria2c asks for depends on how fast the first ones come; it is more than one.
        assert.ok(requests.length > Object.keys(downloaders).length, `${requests.length}`);
        for (const line of requests) assert.match(String(line.delivery), delivery);
      });
    });
  }
});
