/** Remote repositories on the loopback address: a directory, as it is. */

import { createHash } from 'node:crypto';
import { createReadStream, linkSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startAnsweringServer } from '../test/support/answering-server.ts';
import { runOk } from '../test/support/processes.ts';
import { packageFile } from './small-packages.ts';

export interface Feed extends AsyncDisposable {
  readonly url: string;
}

export async function startFeed(directory: string): Promise<Feed> {
  const server = await startAnsweringServer();
  server.answer((request, response) => {
    const file = path.join(directory, path.normalize(`/${request.url}`));
    createReadStream(file)
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  return { url: `${server.url}/`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** The first `count` packages with their metadata. */
export async function makeYumFeed(
  directory: string,
  packages: string,
  count: number,
): Promise<void> {
  mkdirSync(directory);
  for (let number = 0; number < count; number += 1) {
    const file = packageFile(number);
    linkSync(path.join(packages, file), path.join(directory, file));
  }
  await runOk('createrepo_c', ['--quiet', '--no-database', directory]);
}

/** `count` files of a few bytes, with a PULP_MANIFEST. */
export function makeFilesFeed(directory: string, count: number): void {
  mkdirSync(directory);
  const lines: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const text = `the file ${number}`;
    writeFileSync(path.join(directory, `${number}.txt`), text);
    const digest = createHash('sha256').update(text).digest('hex');
    lines.push(`${number}.txt,${digest},${text.length}\n`);
  }
  writeFileSync(path.join(directory, 'PULP_MANIFEST'), lines.join(''));
}
