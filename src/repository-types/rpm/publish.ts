/** Publishes a yum repository: packages as links, metadata by createrepo_c, what units say beside it. */

import path from 'node:path';
import { digestAlgorithm } from '../../storage/digest.ts';
import { textOf } from '../distribution-fields.ts';
import { createPackagePaths } from '../package-paths.ts';
import { PublishSteps, type StepName } from '../publish-steps.ts';
import type { PublishJob, PublishSummary } from '../repository-type.ts';
import { artifactOf } from '../unit-file.ts';
import { compsBegin, compsElements, compsEnd } from './comps.ts';
import { type AddedMetadata, addMetadata, createRepodata } from './repodata.ts';
import { signRepodata } from './sign-repodata.ts';
import { updateElement, updateinfoBegin, updateinfoEnd } from './updateinfo.ts';
import { writeArtifacts, writeUnits } from './write-metadata.ts';

const stepNames: readonly StepName[] = [
  { type: 'rpms', description: 'Publishing RPMs' },
  { type: 'metadata', description: 'Publishing Metadata.' },
  { type: 'errata', description: 'Publishing Errata' },
  { type: 'comps', description: 'Publishing Comps file' },
  { type: 'modules', description: 'Publishing Modules' },
  { type: 'metadata_files', description: 'Publishing Metadata files' },
  { type: 'close_repo_metadata', description: 'Closing repo metadata' },
  { type: 'sign_metadata', description: 'Signing Metadata' },
];

interface Publishing {
  readonly job: PublishJob;
  readonly steps: PublishSteps;
  readonly counts: Record<string, number>;
  readonly checksum: string;
}

export async function publishYum(job: PublishJob): Promise<PublishSummary> {
  const steps = new PublishSteps(stepNames, job.progress);
  const checksum = digestAlgorithm(textOf(job.config.checksum_type) ?? '') ?? 'sha256';
  const publishing: Publishing = { job, steps, counts: {}, checksum };
  await linkPackages(publishing);
  await steps.run('metadata', 1, async (done) => {
    await createRepodata(job, checksum);
    done();
  });
  const files = [
    ...(await writeErrata(publishing)),
    ...(await writeComps(publishing)),
    ...(await writeModules(publishing)),
    ...(await writeMetadataFiles(publishing)),
  ];
  await steps.run('close_repo_metadata', files.length, async (done) => {
    for (const file of files) {
      await addMetadata(job, file, checksum);
      done();
    }
  });
  const { signer } = job;
  if (signer === undefined) steps.skip('sign_metadata');
  else await steps.run('sign_metadata', 1, (done) => signRepodata(job, signer, done));
  const signingKey = signer?.publicKey;
  return { steps: steps.list(), unitCounts: publishing.counts, signingKey };
}

async function linkPackages({ job, steps, counts }: Publishing): Promise<void> {
  const place = createPackagePaths(job, 'Packages');
  await steps.run('rpms', 0, async (done) => {
    for (const type of ['rpm', 'srpm']) {
      for await (const unit of job.units(type)) {
        job.signal.throwIfAborted();
        const artifact = artifactOf(unit);
        await job.tree.link(place(usualPath(artifact.filename), artifact), artifact.sha256);
        count(counts, type);
        done();
      }
    }
  });
}

/** As `Packages/b/bash-5.1.8-6.el9.x86_64.rpm`. */
function usualPath(filename: string): string {
  return `Packages/${(filename.match(/^./u)?.[0] ?? '').toLowerCase()}/${filename}`;
}

function writeErrata(publishing: Publishing): Promise<readonly AddedMetadata[]> {
  const added = { name: 'updateinfo.xml', type: 'updateinfo', isCompressed: true };
  const elements = new Map([['erratum', updateElement]]);
  return writeFile(publishing, 'errata', added, (file, each) =>
    writeUnits(publishing.job, file, {
      begin: updateinfoBegin,
      end: updateinfoEnd,
      elements,
      each,
    }),
  );
}

function writeComps(publishing: Publishing): Promise<readonly AddedMetadata[]> {
  const added = { name: 'comps.xml', type: 'group', isCompressed: false };
  const elements = compsElements;
  return writeFile(publishing, 'comps', added, (file, each) =>
    writeUnits(publishing.job, file, { begin: compsBegin, end: compsEnd, elements, each }),
  );
}

function writeModules(publishing: Publishing): Promise<readonly AddedMetadata[]> {
  const added = { name: 'modules.yaml', type: 'modules', isCompressed: true };
  return writeFile(publishing, 'modules', added, (file, each) =>
    writeArtifacts(publishing.job, file, ['modulemd', 'modulemd_defaults'], each),
  );
}

/** @param write tells of each unit, and gives back how many they were; without any no file is added */
async function writeFile(
  { job, steps, counts }: Publishing,
  step: string,
  added: Omit<AddedMetadata, 'file'>,
  write: (file: string, each: (typeId: string) => void) => Promise<number>,
): Promise<readonly AddedMetadata[]> {
  const file = path.join(job.workDirectory, added.name);
  const written = await steps.run(step, 0, (done) =>
    write(file, (type) => {
      count(counts, type);
      done();
    }),
  );
  return written > 0 ? [{ file, ...added }] : [];
}

/** Each goes in as it is, under the name of its type. */
async function writeMetadataFiles({
  job,
  steps,
  counts,
}: Publishing): Promise<readonly AddedMetadata[]> {
  const type = 'yum_repo_metadata_file';
  const files = new Map<string, AddedMetadata>();
  await steps.run('metadata_files', 0, async (done) => {
    for await (const unit of job.units(type)) {
      const { sha256, filename } = artifactOf(unit);
      const file = job.artifactPath(sha256);
      files.set(filename, { file, name: filename, type: filename, isCompressed: false });
      count(counts, type);
      done();
    }
  });
  return [...files.values()];
}

function count(counts: Record<string, number>, type: string): void {
  counts[type] = (counts[type] ?? 0) + 1;
}
