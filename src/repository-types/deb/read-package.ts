/** Reads a Debian package: its control file, by `dpkg-deb`. */

import { beginsWith, packageIsolation as isolation } from '../package-file.ts';
import { cleanText, keyProblem, nameProblem, refuseUnit } from '../refuse-unit.ts';
import type { GivenFile, GivenUnit, UnitDescription, UnitRefusal } from '../repository-type.ts';
import { askProgram } from '../run-program.ts';

export const debKey: readonly string[] = [
  'name',
  'version',
  'architecture',
  'checksumtype',
  'checksum',
];

const timeLimitSeconds = 30;
const outputBytesMax = 4 * 1024 * 1024;
const archiveMagic = Buffer.from('!<arch>\ndebian-binary');

/** Shown of a package, by their names here. */
const textFields: Readonly<Record<string, string>> = {
  source: 'source',
  section: 'section',
  priority: 'priority',
  maintainer: 'maintainer',
  homepage: 'homepage',
  description: 'description',
  'installed-size': 'installed_size',
  'multi-arch': 'multi_arch',
  depends: 'depends',
  'pre-depends': 'pre_depends',
  recommends: 'recommends',
  suggests: 'suggests',
  enhances: 'enhances',
  breaks: 'breaks',
  conflicts: 'conflicts',
  replaces: 'replaces',
  provides: 'provides',
};

export async function readDebianPackage({
  file,
  unitKey,
  signal,
}: GivenUnit): Promise<UnitDescription | UnitRefusal> {
  if (file === undefined) return refuseUnit('Cannot take a package without its file');
  const control = await readControl(file, signal);
  if (control === undefined) {
    return refuseUnit('Cannot take the file: it is no Debian package with a control file');
  }
  return describePackage(control, file, unitKey);
}

async function readControl(
  file: GivenFile,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (!(await beginsWith(file.path, archiveMagic))) return undefined;
  const args = ['--field', '--', file.path];
  const directory = await file.workDirectory();
  const environment = { TMPDIR: directory };
  const options = { signal, timeLimitSeconds, outputBytesMax, directory, environment, isolation };
  const { status, output } = await askProgram('dpkg-deb', args, options);
  return status === 0 ? parseControl(output.toString()) : undefined;
}

/** One paragraph of fields (deb-control(5)); names in lower case. Undefined for anything else. */
function parseControl(text: string): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  let last: string | undefined;
  for (const line of text.replace(/\n+$/, '').split('\n')) {
    const [, name, value = ''] = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line) ?? [];
    if (/^[ \t]/.test(line) && last !== undefined) {
      fields.set(last, `${fields.get(last) ?? ''}\n${line.slice(1)}`);
    } else if (name !== undefined && !fields.has(name.toLowerCase())) {
      last = name.toLowerCase();
      fields.set(last, value);
    } else {
      return undefined;
    }
  }
  return fields;
}

/** What a name, version and architecture may be (Debian Policy 5.6): they become parts of a path. */
const keyForms: readonly (readonly [name: string, form: RegExp])[] = [
  ['package', /^[a-z0-9][a-z0-9+.-]{1,127}$/i],
  ['version', /^(?:\d{1,9}:)?[a-z0-9.+~_-]{1,200}$/i],
  ['architecture', /^[a-z0-9][a-z0-9-]{0,31}$/],
];

function describePackage(
  control: ReadonlyMap<string, string>,
  file: GivenFile,
  unitKey: GivenUnit['unitKey'],
): UnitDescription | UnitRefusal {
  const bad = keyForms.find(([name, form]) => !form.test(control.get(name) ?? ''));
  if (bad !== undefined) {
    return refuseUnit(`Cannot take the package: its ${bad[0]} is missing, or not as Debian has it`);
  }
  const name = control.get('package') ?? '';
  const version = control.get('version') ?? '';
  const architecture = control.get('architecture') ?? '';
  const filename = `${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb`;
  const fields = {
    ...{ name, version, architecture, filename, size: file.size },
    ...{ checksumtype: 'sha256', checksum: file.sha256 },
    ...Object.fromEntries(
      Object.entries(textFields).map(([field, shown]) => {
        const text = control.get(field);
        return [shown, text === undefined ? null : cleanText(text)];
      }),
    ),
  };
  const problem = nameProblem('file name', filename) ?? keyProblem(unitKey, fields, debKey);
  if (problem !== undefined) return refuseUnit(problem);
  return { fields, filename, replacesBy: ['name', 'version', 'architecture'] };
}
