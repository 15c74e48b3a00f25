/** Reads an RPM package: its header by the `rpm` program, and whether its bytes are whole. */

import type { JsonObject } from '../../repositories/documents.ts';
import { beginsWith, packageIsolation as isolation } from '../package-file.ts';
import { keyProblem, nameProblem, refuseUnit } from '../refuse-unit.ts';
import type { GivenFile, GivenUnit, UnitDescription, UnitRefusal } from '../repository-type.ts';
import { askProgram, type ProgramOptions } from '../run-program.ts';
import { checksumTypeProblem } from './checksum-types.ts';
import { headerFormat, type PackageHeader, parseHeader, type Relation } from './header.ts';

export const packageKey: readonly string[] = [
  'name',
  'epoch',
  'version',
  'release',
  'arch',
  'checksumtype',
  'checksum',
];

/** Relations of one kind, and files, that are shown of a package; its metadata has all of them. */
const relationsMax = 5000;
const queryTimeSeconds = 30;
/** The digests are made over the whole of the package. */
const checkTimeSeconds = 600;
const outputBytesMax = 64 * 1024 * 1024;
/** The magic number of a package's lead. */
const leadMagic = Buffer.from('edabeedb', 'hex');

/** @param type which of the two it has to be */
export function createPackageReader(
  type: 'rpm' | 'srpm',
): (given: GivenUnit) => Promise<UnitDescription | UnitRefusal> {
  return async ({ file, unitKey, unitMetadata, signal }) => {
    if (file === undefined) return refuseUnit('Cannot take a package without its file');
    const checksumProblem = checksumTypeProblem(unitMetadata.checksumtype);
    if (checksumProblem !== undefined) return refuseUnit(checksumProblem, 'PLP1005');
    const header = await readHeader(file, signal);
    if (header === undefined) return refuseUnit('Cannot take the file: it is no whole RPM package');
    const isSource = header.scalars.sourcerpm === null;
    if (isSource !== (type === 'srpm')) {
      const right = isSource ? 'srpm' : 'rpm';
      return refuseUnit(`Cannot take the package as ${type}: it is of the type ${right}`);
    }
    return describePackage(header, file, unitKey, type);
  };
}

/** Undefined for what is no package, or not a whole one. */
async function readHeader(
  file: GivenFile,
  signal: AbortSignal,
): Promise<PackageHeader | undefined> {
  if (!(await beginsWith(file.path, leadMagic))) return undefined;
  const directory = await file.workDirectory();
  const options: ProgramOptions = {
    ...{ signal, outputBytesMax, isolation, directory },
    timeLimitSeconds: queryTimeSeconds,
  };
  const common = ['--nosignature', '--dbpath', directory];
  // Without the two, a text file would be read as a list of other files, and a name as a pattern.
  const plain = ['--nomanifest', '--noglob', '--queryformat', headerFormat];
  const query = ['--query', '--package', ...common, ...plain, '--', file.path];
  const { status, output } = await askProgram('rpm', query, options);
  if (status !== 0) return undefined;
  const check = ['--checksig', ...common, '--', file.path];
  const checkOptions = { ...options, timeLimitSeconds: checkTimeSeconds };
  const checked = await askProgram('rpmkeys', check, checkOptions);
  return checked.status === 0 ? parseHeader(output.toString()) : undefined;
}

function describePackage(
  { scalars, relations, primaryFiles }: PackageHeader,
  file: GivenFile,
  unitKey: JsonObject,
  type: 'rpm' | 'srpm',
): UnitDescription | UnitRefusal {
  const { name, version, release } = scalars;
  const arch = type === 'srpm' ? 'src' : scalars.arch;
  if (name === null || version === null || release === null || arch === null) {
    return refuseUnit('Cannot take the package: its header has no name, version, release or arch');
  }
  const parts = Object.entries({ name, version, release, arch });
  const filename = `${name}-${version}-${release}.${arch}.rpm`;
  const nevra = { name, epoch: scalars.epoch ?? '0', version, release, arch };
  const fields = {
    ...nevra,
    ...{ checksumtype: 'sha256', checksum: file.sha256, size: file.size },
    ...{ filename, relativepath: filename },
    ...textsOf(scalars),
    ...Object.fromEntries(
      Object.entries(relations).map(([kind, list]) => [
        kind,
        list.slice(0, relationsMax).map(shown),
      ]),
    ),
    primary_files: primaryFiles.slice(0, relationsMax),
  };
  const problem =
    [...parts, ['file name', filename] as const]
      .map(([what, value]) => nameProblem(what, value))
      .find((each) => each !== undefined) ?? keyProblem(unitKey, fields, packageKey);
  if (problem !== undefined) return refuseUnit(problem);
  return { fields, filename, replacesBy: Object.keys(nevra) };
}

function textsOf(scalars: PackageHeader['scalars']): JsonObject {
  const { summary, description, license, vendor, packager, url, group, buildhost } = scalars;
  return {
    ...{ summary, description, license, vendor, packager, url, group, buildhost },
    sourcerpm: scalars.sourcerpm,
    time: scalars.buildtime === null ? null : Number(scalars.buildtime),
    installed_size: scalars.installedsize === null ? null : Number(scalars.installedsize),
  };
}

function shown({ name, flags, epoch, version, release }: Relation): JsonObject {
  return { name, flags, epoch, version, release };
}
