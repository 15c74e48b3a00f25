/** Real yum repositories for tests: packages by rpmbuild, metadata by createrepo_c. */

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { runOk } from './processes.ts';

/** A package without files of its own; `size` bytes of incompressible payload when it is given. */
export interface PackageOptions {
  readonly name: string;
  readonly requires?: string;
  readonly payloadBytes?: number;
}

/** Builds the packages and the metadata in `directory`, which is there and empty. */
export async function buildRepository(
  directory: string,
  packages: readonly PackageOptions[],
): Promise<void> {
  for (const options of packages) await buildPackage(directory, options);
  await runOk('createrepo_c', ['--quiet', '--no-database', directory]);
}

async function buildPackage(directory: string, options: PackageOptions): Promise<void> {
  const specFile = path.join(directory, `.${options.name}.spec`);
  writeFileSync(specFile, specification(options));
  const defines = {
    _topdir: path.join(directory, '.rpmbuild'),
    _rpmdir: directory,
    _rpmfilename: '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm',
    // The payload is random: compressing it takes time and gains nothing.
    _binary_payload: 'w1.gzdio',
  };
  const args = Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  await runOk('rpmbuild', ['-bb', '--quiet', ...args, specFile]);
}

function specification({ name, requires, payloadBytes = 0 }: PackageOptions): string {
  return `Name: ${name}
Version: 1.0
Release: 1
Summary: A package for tests
License: Apache-2.0
BuildArch: noarch
${requires === undefined ? '' : `Requires: ${requires}`}
%description
It holds ${payloadBytes} random bytes.
%install
install -d %{buildroot}/usr/share/portcullis-test
head -c ${payloadBytes} /dev/urandom > %{buildroot}/usr/share/portcullis-test/${name}
%files
/usr/share/portcullis-test/${name}
`;
}
