import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mediaTypeOf } from '../../src/http/media-types.ts';

describe('mediaTypeOf', () => {
  const types: Readonly<Record<string, string>> = {
    '/Packages/d/demo-1.0-1.noarch.rpm': 'application/x-rpm',
    '/drpms/demo.drpm': 'application/x-rpm',
    '/pool/demo_1_all.deb': 'application/vnd.debian.binary-package',
    '/el9.iso': 'application/x-iso9660-image',
    '/repodata/repomd.xml': 'text/xml',
    '/repodata/repomd.xml.asc': 'application/pgp-signature',
    '/repodata/abc-primary.xml.gz': 'application/gzip',
    '/repodata/abc-primary.xml.xz': 'application/x-xz',
    '/repodata/abc-primary.xml.zst': 'application/zstd',
    '/repodata/abc-primary.sqlite.bz2': 'application/x-bzip2',
    '/repodata/abc-primary.xml.zck': 'application/x-zchunk',
    '/x.tar.GZ': 'application/gzip',
    '/acme.repo': 'text/plain',
    '/dists/stable/InRelease': 'text/plain',
    '/dists/stable/main/binary-amd64/Packages': 'text/plain',
    '/PULP_MANIFEST': 'text/plain',
    '/.treeinfo': 'text/plain',
    '/readme.html': 'text/html',
    '/a.json': 'application/json',
    '/noextension': 'application/octet-stream',
    '/a.unheard-of': 'application/octet-stream',
    '/a.constructor': 'application/octet-stream',
    '/a.__proto__': 'application/octet-stream',
    '/dir.rpm/file': 'application/octet-stream',
    '/trailing.': 'application/octet-stream',
  };
  for (const [path, type] of Object.entries(types)) {
    it(`gives ${type} for ${path}`, () => assert.equal(mediaTypeOf(path), type));
  }
});
