/** Reads a yum repository as dnf does, and looks at each byte: whether it is of what its repomd.xml says. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { sha256 } from '../support/published.ts';
import type { RegisteredConsumer } from './repository-clients.ts';
import { type RepositorySite, troubles } from './repository-site.ts';

export interface YumClient extends Disposable {
  /**
   * Reads all there is, and throws for what is not of one publication.
   *
   * @param pauseMs how long it waits between metadata and packages
   */
  transaction(pauseMs: number): Promise<Transaction>;
}

export interface Transaction {
  /** The digest of its repomd.xml. */
  readonly repomd: string;
  /** The digests of all packages. */
  readonly packages: readonly string[];
  /** Whether another publication took the place meanwhile. */
  readonly isOvertaken: boolean;
}

export function yumClient(
  site: RepositorySite,
  { file }: RegisteredConsumer,
  relativeUrl: string,
): YumClient {
  const pem = readFileSync(file);
  const ca = readFileSync(site.serverCa);
  const agent = new Agent({ keepAlive: true, ca, cert: pem, key: pem });
  const fetch = (path: string) => fetchFile(site, agent, `/pulp/repos/${relativeUrl}/${path}`);
  return {
    transaction: async (pauseMs) => {
      const repomd = await fetch('repodata/repomd.xml');
      const metadata = await fetchMetadata(repomd.toString(), fetch);
      const packages = packagesOf(metadata.primary);
      const ids = packages.map(({ digest }) => digest).sort();
      for (const more of [metadata.filelists, metadata.other]) {
        const named = [...more.matchAll(/<package pkgid="([0-9a-f]{64})"/g)].map(([, id]) => id);
        assert.deepEqual(named.sort(), ids, 'metadata of one publication tells of other packages');
      }
      await sleep(pauseMs);
      for (const { digest, href } of packages) {
        assert.equal(sha256(await fetch(href)), digest, `${href} has other bytes`);
      }
      const isOvertaken = !repomd.equals(await fetch('repodata/repomd.xml'));
      return { repomd: sha256(repomd), packages: ids, isOvertaken };
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

const metadataTypes = ['primary', 'filelists', 'other'] as const;
type Metadata = Readonly<Record<(typeof metadataTypes)[number], string>>;

/** The text of each, whose bytes have the digest that repomd.xml says. */
async function fetchMetadata(
  repomd: string,
  fetch: (path: string) => Promise<Buffer>,
): Promise<Metadata> {
  const texts: Record<string, string> = {};
  for (const type of metadataTypes) {
    const [, data = ''] =
      repomd.match(new RegExp(`<data type="${type}">([\\s\\S]*?)</data>`)) ?? [];
    const [, digest] = data.match(/<checksum type="sha256">([0-9a-f]{64})</) ?? [];
    const [, href = ''] = data.match(/<location href="([^"]+)"/) ?? [];
    const bytes = await fetch(href);
    assert.equal(sha256(bytes), digest, `${href} is not what repomd.xml says`);
    texts[type] = gunzipSync(bytes).toString();
  }
  return texts as Metadata;
}

interface Listed {
  readonly digest: string;
  readonly href: string;
}

function packagesOf(primary: string): readonly Listed[] {
  const found = primary.matchAll(
    /<checksum type="sha256" pkgid="YES">([0-9a-f]{64})<[\s\S]*?<location href="([^"]+)"/g,
  );
  return [...found].map(([, digest = '', href = '']) => ({ digest, href }));
}

async function fetchFile(site: RepositorySite, agent: Agent, target: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  get({ host: 'localhost', port: site.port, path: target, agent }, async (response) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      assert.equal(response.statusCode, 200, `${target}: ${troubles(site)}`);
      resolve(Buffer.concat(chunks));
    } catch (error) {
      reject(error);
    }
  }).on('error', reject);
  return promise;
}
