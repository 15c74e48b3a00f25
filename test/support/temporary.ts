/** Temporary directories that remove themselves. */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TemporaryDirectory extends Disposable {
  readonly path: string;
  /** The path of `name` inside. */
  file(name: string): string;
}

/** Mode 0755, because the workers of a real front run as another user. */
export function temporaryDirectory(): TemporaryDirectory {
  const directory = mkdtempSync(path.join(tmpdir(), 'portcullis-'));
  chmodSync(directory, 0o755);
  return {
    path: directory,
    file: (name) => path.join(directory, name),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}
