/** Real RPM packages for tests, each built once for all of a process. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runOk } from './processes.ts';

export interface RpmOptions {
  readonly name?: string;
  readonly version?: string;
  readonly release?: string;
  readonly epoch?: string;
  readonly summary?: string;
  readonly requires?: string;
  /** Further lines of the preamble. */
  readonly lines?: string;
  /** Below /usr/share without. */
  readonly file?: string;
  /** The text of its one file: two packages of one name with other bytes. */
  readonly text?: string;
  readonly isSource?: boolean;
}

const built = new Map<string, Promise<Buffer>>();

/** The bytes of a package. */
export function rpmPackage(options: RpmOptions = {}): Promise<Buffer> {
  const key = JSON.stringify(options);
  const present = built.get(key) ?? build(options);
  built.set(key, present);
  return present;
}

async function build(options: RpmOptions): Promise<Buffer> {
  const directory = mkdtempSync(path.join(tmpdir(), 'portcullis-rpm-'));
  try {
    const spec = path.join(directory, 'package.spec');
    writeFileSync(spec, specification(options));
    const defines = {
      ...{ _topdir: directory, _rpmdir: directory, _srcrpmdir: directory },
      ...{ _rpmfilename: 'built.rpm', _binary_payload: 'w1.gzdio', _build_id_links: 'none' },
    };
    const args = Object.entries(defines).flatMap(([name, value]) => [
      '--define',
      `${name} ${value}`,
    ]);
    const what = options.isSource === true ? '-bs' : '-bb';
    await runOk('rpmbuild', [what, '--quiet', ...args, spec]);
    const { name, version, release } = named(options);
    const source = `${name}-${version}-${release}.src.rpm`;
    return readFileSync(path.join(directory, options.isSource === true ? source : 'built.rpm'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function named({ name = 'gate', version = '1.0', release = '1' }: RpmOptions) {
  return { name, version, release };
}

function specification(options: RpmOptions): string {
  const { name, version, release } = named(options);
  const { epoch, summary = 'A package for tests', requires, lines = '', text = 'x' } = options;
  const { file = `/usr/share/portcullis-test/${name}` } = options;
  return `Name: ${name}
Version: ${version}
Release: ${release}
${epoch === undefined ? '' : `Epoch: ${epoch}`}
Summary: ${summary}
License: Apache-2.0
BuildArch: noarch
${requires === undefined ? '' : `Requires: ${requires}`}
${lines}
%description
A gate.
%install
install -d %{buildroot}${path.dirname(file)}
echo '${text}' > %{buildroot}${file}
%files
${file}
`;
}
