/** What the workers of the main pool do, in this process, over uwsgi. */

import { mkdirSync } from 'node:fs';
import { type Application, createApplication } from '../../src/application.ts';
import { createLogger } from '../../src/log.ts';
import type { TaskKinds } from '../../src/tasks/runner.ts';
import { type ControlPlaneDirectory, configurationIn } from '../support/administered.ts';
import { writeTree } from '../support/application.ts';
import { getVariables, type RawAnswer, uwsgiRequest } from '../support/uwsgi-client.ts';

/** A file that everybody may read. */
export const file = '/pulp/repos/d/file.txt';

export interface RunningWork extends AsyncDisposable {
  readonly application: Application;
  readonly log: readonly Readonly<Record<string, unknown>>[];
  call(method: string, target: string, options?: CallOptions): Promise<RawAnswer>;
}

interface CallOptions {
  readonly authorization?: string;
  readonly body?: string;
}

/** An application of the main pool, in this process. */
export async function runWork(
  directory: ControlPlaneDirectory,
  written: object,
  taskKinds: TaskKinds = new Map(),
): Promise<RunningWork> {
  const socket = directory.file('uwsgi.sock');
  const configuration = await configurationIn(directory, written);
  const log: Record<string, unknown>[] = [];
  const logger = createLogger({ level: 'debug', write: (line) => log.push(JSON.parse(line)) });
  const application = await createApplication(configuration, { log: logger, taskKinds });
  await application.listen();
  return {
    application,
    log,
    call: (method, target, { authorization, body = '' } = {}) =>
      uwsgiRequest(
        { path: socket },
        getVariables(target, [
          ['REQUEST_METHOD', method],
          ['CONTENT_LENGTH', body === '' ? '' : String(Buffer.byteLength(body))],
          ...(authorization === undefined ? [] : [['HTTP_AUTHORIZATION', authorization] as const]),
        ]),
        { body },
      ),
    [Symbol.asyncDispose]: () => application.close(),
  };
}

/** A configuration of the main pool, with one public file. */
export function written(directory: ControlPlaneDirectory, more: object): object {
  const root = directory.file('root');
  mkdirSync(root, { recursive: true });
  writeTree(root, { 'file.txt': 'content' });
  return {
    listen: { uwsgi: { address: `unix:${directory.file('uwsgi.sock')}` } },
    distributions: [{ relativeUrl: 'd', root, access: 'public' }],
    ...directory.settings,
    ...more,
  };
}
