/** Publishes a Debian repository: packages as links in a pool, indexes by digest (`Acquire-By-Hash`). */

import { textOf } from '../distribution-fields.ts';
import { createPackagePaths } from '../package-paths.ts';
import { PublishSteps, type StepName } from '../publish-steps.ts';
import type { PublishJob, PublishSummary } from '../repository-type.ts';
import { artifactOf } from '../unit-file.ts';
import { indexPool } from './indexes.ts';
import { writeRelease } from './release.ts';

const stepNames: readonly StepName[] = [
  { type: 'packages', description: 'Publishing Packages' },
  { type: 'metadata', description: 'Publishing Metadata.' },
  { type: 'release', description: 'Publishing the Release' },
];

export async function publishDebian(job: PublishJob): Promise<PublishSummary> {
  const steps = new PublishSteps(stepNames, job.progress);
  const found = await steps.run('packages', 0, (done) => linkPackages(job, done));
  const archive = archiveOf(job, found.architectures);
  await steps.run('metadata', archive.architectures.length, (done) =>
    indexPool(job, found.packages, archive, done),
  );
  await steps.run('release', 1, async (done) => {
    await writeRelease(job, archive);
    done();
  });
  const unitCounts = found.packages.length === 0 ? {} : { deb: found.packages.length };
  return { steps: steps.list(), unitCounts, signingKey: job.signer?.publicKey };
}

export interface Archive {
  readonly suite: string;
  readonly component: string;
  /** Without `all`, whose packages are in the index of each. */
  readonly architectures: readonly string[];
}

/** Where no package is of any architecture: what most machines are. */
const usualArchitectures: readonly string[] = ['amd64', 'arm64'];

function archiveOf({ config }: PublishJob, found: ReadonlySet<string>): Archive {
  const named = Array.isArray(config.architectures) ? config.architectures : [];
  const own = [...new Set([...named, ...found])].filter((item) => item !== 'all').map(String);
  return {
    suite: textOf(config.suite) ?? 'stable',
    component: textOf(config.component) ?? 'main',
    architectures: own.length > 0 ? own.sort() : usualArchitectures,
  };
}

async function linkPackages(
  job: PublishJob,
  done: () => void,
): Promise<{
  readonly packages: readonly string[];
  readonly architectures: ReadonlySet<string>;
}> {
  const place = createPackagePaths(job, 'pool');
  const architectures = new Set<string>();
  const packages: string[] = [];
  for await (const unit of job.units('deb')) {
    job.signal.throwIfAborted();
    const artifact = artifactOf(unit);
    const usual = `pool/${artifact.filename.slice(0, 1).toLowerCase()}/${artifact.filename}`;
    const placed = place(usual, artifact);
    await job.tree.link(placed, artifact.sha256);
    packages.push(placed);
    architectures.add(String(unit.fields.architecture));
    done();
  }
  return { packages, architectures };
}
