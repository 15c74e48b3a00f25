/** Files with a manifest of their names, digests and sizes: Pulp's ISO repositories. */

import type { JsonObject } from '../../repositories/documents.ts';
import { TaskFailure } from '../../tasks/kind.ts';
import { authorities, fileText, flag, relativeUrl } from '../config-fields.ts';
import { createConfigReader } from '../config-reader.ts';
import { servedPath, textOf } from '../distribution-fields.ts';
import { withFeedCredentials } from '../feed-url.ts';
import { feedFields, feedSecrets } from '../importer-fields.ts';
import { PublishSteps, type StepName } from '../publish-steps.ts';
import { keyProblem, nameProblem, refuseUnit } from '../refuse-unit.ts';
import type {
  DistributorType,
  GivenUnit,
  ImporterType,
  PublishJob,
  PublishSummary,
  RepositoryType,
  UnitDescription,
  UnitRefusal,
  UnitType,
} from '../repository-type.ts';
import { artifactOf } from '../unit-file.ts';
import { manifestLine, manifestName } from './manifest.ts';

const unitKey = ['name', 'checksum', 'size'];
const readImporter = createConfigReader(feedFields);

const isoType: UnitType = {
  id: 'iso',
  displayName: 'ISO',
  description: 'ISO',
  unitKey,
  searchIndexes: unitKey,
  referencedTypes: [],
  hasFile: true,
  read: async (given) => readIso(given),
};

const isoImporter: ImporterType = {
  id: 'iso_importer',
  displayName: 'ISO Importer',
  unitTypes: ['iso'],
  readConfig: (raw) => readImporter(withFeedCredentials(raw)),
  secrets: feedSecrets,
};

const isoDistributor: DistributorType = {
  id: 'iso_distributor',
  displayName: 'ISO Distributor',
  unitTypes: ['iso'],
  readConfig: createConfigReader({
    serve_http: flag,
    serve_https: flag,
    relative_url: relativeUrl,
    ssl_auth_ca_cert: authorities,
    ssl_auth_client_cert: fileText,
    protected: flag,
    force_full: flag,
  }),
  secrets: ['ssl_auth_client_cert'],
  describe: (config, repositoryId) => ({
    area: 'isos',
    relativeUrl: servedPath(config.relative_url ?? repositoryId),
    http: config.serve_http === true,
    https: config.serve_https !== false,
    authCa: textOf(config.ssl_auth_ca_cert),
    gpgKey: undefined,
  }),
  publish: publishIsos,
};

export const isoRepositoryType: RepositoryType = {
  name: 'iso',
  unitTypes: [isoType],
  importers: [isoImporter],
  distributors: [isoDistributor],
  programs: [],
};

/** The client names it; what it is, its bytes say. */
function readIso({ file, unitKey: key, unitMetadata }: GivenUnit): UnitDescription | UnitRefusal {
  if (file === undefined) return refuseUnit('Cannot take a file unit without its file');
  const name = key.name ?? unitMetadata.name;
  if (typeof name !== 'string') return refuseUnit('Cannot take the file: its key has to have name');
  const problem = nameProblem('name', name);
  if (problem !== undefined) return refuseUnit(problem);
  if (name === manifestName) {
    return refuseUnit(`Cannot take the file: ${manifestName} is made when it is published`);
  }
  const fields = { name, checksum: file.sha256, size: file.size };
  const given: JsonObject = { ...key, size: sizeOf(key.size) };
  const difference = keyProblem(given, fields, unitKey);
  if (difference !== undefined) return refuseUnit(difference, 'PLP1013');
  return { fields, filename: name, replacesBy: ['name'] };
}

/** Some clients send the number as text. */
function sizeOf(raw: JsonObject[string] | undefined): JsonObject[string] {
  return typeof raw === 'string' && /^\d{1,15}$/.test(raw) ? Number(raw) : (raw ?? null);
}

const stepNames: readonly StepName[] = [
  { type: 'isos', description: 'Publishing ISOs' },
  { type: 'manifest', description: 'Publishing the manifest' },
];

async function publishIsos(job: PublishJob): Promise<PublishSummary> {
  const steps = new PublishSteps(stepNames, job.progress);
  const lines = new Map<string, string>();
  await steps.run('isos', 0, async (done) => {
    for await (const unit of job.units('iso')) {
      job.signal.throwIfAborted();
      const { sha256, size, filename } = artifactOf(unit);
      if (lines.has(filename)) throw twoOf(filename);
      await job.tree.link(filename, sha256);
      lines.set(filename, manifestLine(filename, sha256, size));
      done();
    }
  });
  await steps.run('manifest', 1, async (done) => {
    const sorted = [...lines].sort(([one], [other]) => (one < other ? -1 : 1));
    await job.tree.write(manifestName, sorted.map(([, line]) => line).join(''));
    done();
  });
  return { steps: steps.list(), unitCounts: lines.size === 0 ? {} : { iso: lines.size } };
}

function twoOf(name: string): TaskFailure {
  return new TaskFailure(
    'PLP0034',
    `Cannot publish two files of the name ${JSON.stringify(name)}: remove one of them from the repository`,
    { name },
  );
}
