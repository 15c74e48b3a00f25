/** An application in this process, on sockets in a directory of its own, with its log in memory. */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExplainQuery, Explanation } from '../../src/access/explanation.ts';
import { type Application, createApplication } from '../../src/application.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { createExplainer } from '../../src/explainer.ts';
import { createLogger } from '../../src/log.ts';
import { until } from './processes.ts';
import { temporaryDirectory } from './temporary.ts';
import { getVariables, type RawAnswer, uwsgiRequest, type VariablePairs } from './uwsgi-client.ts';

export type LogLine = Readonly<Record<string, unknown>>;

export interface TestApplication extends AsyncDisposable {
  readonly application: Application;
  /** The unix socket of the uwsgi listener. */
  readonly socket: string;
  readonly log: readonly LogLine[];
  /** The line of the request that was answered last. */
  lastRequest(): LogLine | undefined;
  /** GET of `target` over uwsgi; `more` replaces or adds variables. Resolves when it is logged. */
  get(target: string, more?: VariablePairs): Promise<RawAnswer>;
  explain(query: ExplainQuery): Promise<Explanation>;
}

/** @param configuration what would stand in the file, without the uwsgi listener's address */
export async function startApplication(
  configuration: Readonly<Record<string, unknown>>,
  uwsgi: Readonly<Record<string, unknown>> = {},
): Promise<TestApplication> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(temporaryDirectory());
  const socket = directory.file('uwsgi.sock');
  const file = directory.file('portcullis.yaml');
  const listen = {
    uwsgi: { address: `unix:${socket}`, ...uwsgi },
    ...asObject(configuration.listen),
  };
  writeFileSync(file, JSON.stringify({ ...configuration, listen }));
  const loaded = await loadConfiguration({ file, environment: {}, flags: {} });
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const lines: LogLine[] = [];
  const log = createLogger({ level: 'debug', write: (line) => lines.push(JSON.parse(line)) });
  const application = stack.use(await createApplication(loaded.configuration, { log }));
  await application.listen();
  const owned = stack.move();
  return {
    application,
    socket,
    log: lines,
    lastRequest: () => lines.findLast(isRequest),
    get: async (target, more) => {
      const linesBefore = lines.length;
      const answer = await uwsgiRequest({ path: socket }, getVariables(target, more));
      await until('the request is logged', () => lines.slice(linesBefore).some(isAboutOne));
      return answer;
    },
    explain: async (query) => {
      await using explainer = await createExplainer(loaded.configuration, { log });
      return await explainer.explain(query);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A request that cannot be read is refused in words of its own. */
function isAboutOne(line: LogLine): boolean {
  return isRequest(line) || line.level === 'warn';
}

/** Other lines are written at any time. */
function isRequest({ message }: LogLine): boolean {
  return message === 'request';
}

/** Writes files below `root`, making directories on the way. */
export function writeTree(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), content);
  }
}

/** The value of an Authorization header. */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
