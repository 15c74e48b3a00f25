/** An imported configuration as it was written, served behind a real nginx. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { Site } from '../e2e/site.ts';
import { startNginx } from '../support/nginx.ts';
import { portcullisProgram } from '../support/portcullis.ts';
import { freePort, run, runOk, stop, until } from '../support/processes.ts';
import type { Pulp2 } from './pulp2-fixture.ts';

export interface ServedImport extends AsyncDisposable {
  /** As `https://localhost:8443`. */
  readonly url: string;
}

/** Imports with trees, and serves the file without a change of it: addresses are flags. */
export async function serveImport(pulp2: Pulp2, site: Site): Promise<ServedImport> {
  await using stack = new AsyncDisposableStack();
  const file = pulp2.file('portcullis.yaml');
  const trees = pulp2.file('var/lib/pulp/trees');
  const imported = await run(process.execPath, [
    ...[portcullisProgram, 'import-pulp2', '--root', pulp2.path],
    ...['--out', file, '--trees', trees],
  ]);
  assert.equal(imported.code, 0, imported.stderr);
  const port = await freePort();
  const flags = Object.entries({
    config: file,
    'listen-uwsgi-address': `unix:${pulp2.file('portcullis.sock')}`,
    'nginx-listen': `127.0.0.1:${port}`,
    'nginx-certificate': site.server.certificatePath,
    'nginx-key': site.server.keyPath,
    'nginx-refusal-log': pulp2.file('refusals.log'),
    workers: '1',
  }).map(([name, value]) => `--${name}=${value}`);
  const child = spawn(process.execPath, [portcullisProgram, 'serve', ...flags]);
  stack.defer(() => stop(child));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  await until(
    'the import is served',
    () => {
      assert.equal(child.exitCode, null, output);
      return output.includes('"ready"');
    },
    60_000,
  );
  const rendered = await runOk(process.execPath, [portcullisProgram, 'nginx-config', ...flags]);
  stack.use(await startNginx(rendered.toString()));
  const owned = stack.move();
  return {
    url: `https://localhost:${port}`,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
