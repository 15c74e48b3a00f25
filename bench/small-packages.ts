/**
 * Many RPM packages that are whole, in little time: one is built by rpmbuild, and the others are its bytes with
 * another name of the same length, and the digests of the header that go with it.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runOk } from '../test/support/processes.ts';

/** Of six digits, so that all are of one length. */
export function packageName(number: number): string {
  return `bench-${String(number).padStart(6, '0')}`;
}

export function packageFile(number: number): string {
  return `${packageName(number)}-1.0-1.noarch.rpm`;
}

/** A directory with `count` packages, which stays for the next run. */
export async function smallPackages(count: number): Promise<string> {
  const directory = path.join(tmpdir(), `portcullis-bench-packages-${count}`);
  if (existsSync(directory)) return directory;
  const made = `${directory}.${process.pid}`;
  mkdirSync(made);
  const template = await buildTemplate();
  for (let number = 0; number < count; number += 1) {
    writeFileSync(path.join(made, packageFile(number)), renamed(template, packageName(number)));
  }
  renameSync(made, directory);
  return directory;
}

async function buildTemplate(): Promise<Buffer> {
  const directory = path.join(tmpdir(), `portcullis-bench-template-${process.pid}`);
  mkdirSync(directory);
  try {
    const spec = path.join(directory, 'template.spec');
    writeFileSync(spec, specification);
    const defines = {
      ...{ _topdir: directory, _rpmdir: directory, _rpmfilename: 'template.rpm' },
      ...{ _binary_payload: 'w1.gzdio', _build_id_links: 'none' },
    };
    const args = Object.entries(defines).flatMap(([name, value]) => [
      '--define',
      `${name} ${value}`,
    ]);
    await runOk('rpmbuild', ['-bb', '--quiet', ...args, spec]);
    return readFileSync(path.join(directory, 'template.rpm'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const files = Array.from(
  { length: 12 },
  (_, index) => `/usr/share/${packageName(0)}/file-${index}`,
);

/** As much metadata as a usual small package has. */
const specification = `Name: ${packageName(0)}
Version: 1.0
Release: 1
Summary: A small package among many
License: Apache-2.0
URL: https://acme.example/small
BuildArch: noarch
Requires: bash >= 5.0
Requires: coreutils
Requires: python3 >= 3.9
Provides: ${packageName(0)}-tools = 1.0
%description
${'It is like all the others, and says so at some length. '.repeat(6)}
%install
${files.map((file) => `install -D /dev/null %{buildroot}${file}`).join('\n')}
%files
${files.join('\n')}
%changelog
* Mon Jan 05 2026 A Packager <packager@acme.example> - 1.0-1
- ${'Changed what had to be changed. '.repeat(4)}
`;

const leadBytes = 96;
const tags = { sha1Header: 269, sha256Header: 273, md5: 1004 };

function renamed(template: Buffer, name: string): Buffer {
  const bytes = Buffer.from(template.toString('latin1').replaceAll(packageName(0), name), 'latin1');
  const signature = readHeader(bytes, leadBytes);
  const begin = Math.ceil(signature.end / 8) * 8;
  const { end } = readHeader(bytes, begin);
  const digest = (algorithm: string, until?: number): Buffer =>
    createHash(algorithm).update(bytes.subarray(begin, until)).digest();
  const write = (tag: number, value: Buffer): void => {
    const at = signature.places.get(tag);
    if (at !== undefined) value.copy(bytes, at);
  };
  write(tags.sha1Header, Buffer.from(digest('sha1', end).toString('hex')));
  write(tags.sha256Header, Buffer.from(digest('sha256', end).toString('hex')));
  write(tags.md5, digest('md5'));
  return bytes;
}

/** Where the value of each tag lies, and where the header ends: RPM's format, version 4. */
function readHeader(
  bytes: Buffer,
  begin: number,
): { readonly places: ReadonlyMap<number, number>; readonly end: number } {
  const count = bytes.readUInt32BE(begin + 8);
  const values = begin + 16 + count * 16;
  const places = new Map<number, number>();
  for (let entry = begin + 16; entry < values; entry += 16) {
    places.set(bytes.readUInt32BE(entry), values + bytes.readUInt32BE(entry + 8));
  }
  return { places, end: values + bytes.readUInt32BE(begin + 12) };
}
