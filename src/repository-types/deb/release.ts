/** The Release of a suite, and its signatures: InRelease and Release.gpg. */

import path from 'node:path';
import { textOf } from '../distribution-fields.ts';
import type { PublishJob } from '../repository-type.ts';
import { runProgram } from '../run-program.ts';
import { onlySha256 } from './paragraphs.ts';
import type { Archive } from './publish.ts';

const timeLimitSeconds = 600;
const outputBytesMax = 16 * 1024 * 1024;

export async function writeRelease(job: PublishJob, archive: Archive): Promise<void> {
  const { tree, signer, signal } = job;
  const suite = `dists/${archive.suite}`;
  const args = ['--quiet', ...onlySha256, ...fieldsOf(job, archive), 'release', suite];
  const options = { signal, timeLimitSeconds, outputBytesMax, directory: tree.directory };
  const release = await runProgram('apt-ftparchive', args, options);
  await tree.write(`${suite}/Release`, `Acquire-By-Hash: yes\n${release.toString()}`);
  if (signer === undefined) return;
  const file = path.join(tree.directory, suite, 'Release');
  await tree.write(`${suite}/InRelease`, await signer.signInline(file, signal));
  await tree.write(`${suite}/Release.gpg`, await signer.signDetached(file, signal));
  await tree.write('archive-key.asc', signer.publicKey);
}

function fieldsOf({ config, repositoryId }: PublishJob, archive: Archive): readonly string[] {
  const fields = {
    Origin: textOf(config.origin) ?? repositoryId,
    Label: textOf(config.label) ?? repositoryId,
    Suite: archive.suite,
    Codename: archive.suite,
    Components: archive.component,
    Architectures: ['all', ...archive.architectures].join(' '),
    Description: textOf(config.description) ?? repositoryId,
  };
  return Object.entries(fields).flatMap(([name, value]) => [
    '-o',
    `APT::FTPArchive::Release::${name}=${value}`,
  ]);
}
