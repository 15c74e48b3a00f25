/** Real Debian packages for tests. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runOk } from './processes.ts';

export interface DebOptions {
  readonly name?: string;
  readonly version?: string;
  readonly architecture?: string;
  /** The text of its one file: two packages of one name with other bytes. */
  readonly text?: string;
}

/** The bytes of a package. */
export async function debPackage({
  name = 'gate',
  version = '1.0',
  architecture = 'all',
  text = 'x',
}: DebOptions = {}): Promise<Buffer> {
  const directory = mkdtempSync(path.join(tmpdir(), 'portcullis-deb-'));
  try {
    const tree = path.join(directory, 'tree');
    mkdirSync(path.join(tree, 'DEBIAN'), { recursive: true });
    mkdirSync(path.join(tree, 'usr/share'), { recursive: true });
    writeFileSync(path.join(tree, 'usr/share', name), text);
    const control = `Package: ${name}
Version: ${version}
Architecture: ${architecture}
Maintainer: Acme <acme@example.com>
Description: A package for tests
 It is a gate.
`;
    writeFileSync(path.join(tree, 'DEBIAN/control'), control);
    const file = path.join(directory, 'built.deb');
    await runOk('dpkg-deb', ['--root-owner-group', '-Znone', '--nocheck', '--build', tree, file]);
    return readFileSync(file);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
