import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HandOff } from '../../src/config/configuration.ts';
import { handOffHeader, handOffValueBytesMax, sourceOf } from '../../src/content/hand-off.ts';
import { pathFromBytes } from '../../src/http/canonical-path.ts';

const distribution = { relativeUrl: 'acme/el9', root: '/srv/acme', listing: false };

function headerFor(handOff: HandOff, path: string) {
  return handOffHeader(handOff, { path }, sourceOf(distribution, undefined, '/_portcullis/'));
}

describe('handOffHeader', () => {
  it('is none for streaming', () => {
    assert.equal(headerFor('stream', '/a'), undefined);
  });

  it('names the internal location of nginx, with a mark where the relative URL ends', () => {
    assert.deepEqual(headerFor('x-accel-redirect', '/repodata/a b.xml'), {
      name: 'X-Accel-Redirect',
      value: '/_portcullis/acme/el9/%21/repodata/a%20b.xml',
    });
  });

  it('T36 is for nginx always of unreserved bytes, and decodes to the name', () => {
    fc.assert(
      fc.property(fc.uint8Array({ min: 1, max: 255, minLength: 1, maxLength: 60 }), (bytes) => {
        const value = headerFor('x-accel-redirect', `/${pathFromBytes(bytes)}`)?.value ?? '';
        assert.match(value, /^\/_portcullis\/[A-Za-z0-9._~/%-]+$/);
        const decoded = value.replaceAll(/%(..)/g, (_, hex) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        );
        const name = Buffer.from(bytes).toString('latin1');
        assert.equal(decoded, `/_portcullis/acme/el9/!/${name}`);
      }),
      { seed: 20_261_121, numRuns: 2000 },
    );
  });

  it('gives Apache the path as it is', () => {
    const value = (path: string) => headerFor('x-sendfile', path)?.value;
    assert.equal(value('/a b%20c?d#e.rpm'), '/srv/acme/a b%20c?d#e.rpm');
    assert.equal(value('/caf\u00e9'), '/srv/acme/caf\xc3\xa9');
    assert.equal(value('/\udcff'), '/srv/acme/\xff');
  });

  it('T36 gives Apache no name that a header cannot carry or that it would trim', () => {
    for (const name of ['a\rb', 'a\nb', 'a\x01', 'a\x7f', 'a\t', 'a ', ' ']) {
      assert.equal(headerFor('x-sendfile', `/${name}`), undefined, JSON.stringify(name));
    }
  });

  it('gives lighttpd the path escaped, and no name that it would take for another', () => {
    const value = (path: string) => headerFor('x-sendfile-encoded', path)?.value;
    assert.equal(value('/a b%\u00e9\u0085'), '/srv/acme/a%20b%25%C3%A9%C2%85');
    for (const name of ['\udcff', 'a\nb', '\x01', '\x7f'])
      assert.equal(value(`/${name}`), undefined);
  });

  it('takes a value at the limit of length, and none that is longer', () => {
    for (const handOff of ['x-accel-redirect', 'x-sendfile', 'x-sendfile-encoded'] as const) {
      const rest = handOffValueBytesMax - (headerFor(handOff, '/')?.value.length ?? 0);
      assert.equal(headerFor(handOff, `/${'n'.repeat(rest)}`)?.value.length, handOffValueBytesMax);
      assert.equal(headerFor(handOff, `/${'n'.repeat(rest + 1)}`), undefined);
    }
  });
});
