/** A remote directory of files with its PULP_MANIFEST. */

import { createHash } from 'node:crypto';
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts';

export interface RemoteFiles extends AsyncDisposable {
  readonly server: AnsweringServer;
  readonly url: string;
  /** By their names, with their bytes. */
  readonly files: Map<string, string>;
  /** What the manifest says instead of the truth. */
  readonly lies: Map<string, string>;
  /** How often each path was asked for. */
  asked(path: string): number;
}

export async function startRemoteFiles(
  files: Readonly<Record<string, string>>,
): Promise<RemoteFiles> {
  const server = await startAnsweringServer();
  const held = new Map(Object.entries(files));
  const lies = new Map<string, string>();
  server.answer((request, response) => {
    const name = request.url?.slice(1) ?? '';
    const bytes = name === 'PULP_MANIFEST' ? manifestOf(held, lies) : held.get(name);
    if (bytes === undefined) response.writeHead(404).end();
    else response.end(bytes);
  });
  return {
    ...{ server, files: held, lies },
    url: `${server.url}/`,
    asked: (path) => server.requests.filter(({ request }) => request.url === `/${path}`).length,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export function manifestLine(name: string, bytes: string): string {
  const digest = createHash('sha256').update(bytes).digest('hex');
  return `${name},${digest},${Buffer.byteLength(bytes)}\n`;
}

function manifestOf(files: ReadonlyMap<string, string>, lies: ReadonlyMap<string, string>): string {
  return [...files].map(([name, bytes]) => lies.get(name) ?? manifestLine(name, bytes)).join('');
}
