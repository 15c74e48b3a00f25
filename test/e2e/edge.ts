/** nginx that remembers decisions, in front of a real Portcullis, and beside it one that asks each time. */

import { existsSync, readFileSync } from 'node:fs';
import { type Answered, type Asked, ask } from '../front/nginx-fixture.ts';
import { writeTree } from '../support/application.ts';
import { startNginx } from '../support/nginx.ts';
import type { Credential, Pki } from '../support/pki.ts';
import {
  type LogLine,
  type Portcullis,
  portcullisProgram,
  startPortcullis,
} from '../support/portcullis.ts';
import { freePort, runOk, until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

export interface EdgeOptions {
  readonly pki: Pki;
  readonly server: Credential;
  readonly protocol: 'uwsgi' | 'http';
  readonly seconds: number;
  /** For which nginx was told to remember; as Portcullis was unless given. */
  readonly renderedSeconds?: number;
  /** More of the configuration, as it would be written in the file. */
  readonly settings: {
    readonly distributions: readonly object[];
    readonly [setting: string]: unknown;
  };
}

export interface Edge extends AsyncDisposable {
  readonly portcullis: Portcullis;
  /** Asks the nginx that remembers. */
  ask(asked: Asked): Promise<Answered>;
  /** Asks the nginx that does not. */
  askPlain(asked: Asked): Promise<Answered>;
  /** What nginx has served by decisions that it remembers; it writes that down a moment later. */
  served(): Promise<readonly LogLine[]>;
  /** What Portcullis answered to requests that were passed on, of both. */
  passed(): readonly LogLine[];
  accessLog(): readonly string[];
  errorLog(): string;
}

const trust = {
  trustedPeers: ['unix'],
  headers: {
    clientCertificate: 'X-SSL-Client-Cert',
    clientAddress: 'X-Real-IP',
    scheme: 'X-Forwarded-Proto',
  },
};

/** Is served by nginx itself, whatever else is: when its line is written, those before it are. */
const mark = '/pulp/repos/mark/mark.rpm';

export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const { server, protocol, seconds, settings } = options;
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(temporaryDirectory());
  writeTree(directory.file('mark'), { 'mark.rpm': 'mark' });
  const address = `unix:${directory.file('portcullis.sock')}`;
  const handOff = 'x-accel-redirect';
  const portcullis = stack.use(
    await startPortcullis({
      ...settings,
      distributions: [
        ...settings.distributions,
        { relativeUrl: 'mark', root: directory.file('mark'), access: 'public' },
      ],
      listen: { [protocol]: { address, handOff, ...(protocol === 'http' && trust) } },
      nginx: {
        certificate: server.certificatePath,
        key: server.keyPath,
        refusalLog: directory.file('refusals.log'),
        decisionCache: directory.file('decisions'),
        edgeDecisionSeconds: seconds,
      },
    }),
  );
  const fronts = stack.use(new AsyncDisposableStack());
  const start = async (flags: readonly string[]) => {
    const port = await freePort();
    const listen = ['--nginx-listen', `127.0.0.1:${port}`];
    const command = [portcullisProgram, 'nginx-config', '--config', portcullis.file];
    const text = await runOk(process.execPath, [...command, ...listen, ...flags]);
    return { port, nginx: fronts.use(await startNginx(text.toString())) };
  };
  const rendered = String(options.renderedSeconds ?? seconds);
  const edge = await start(['--nginx-edge-decision-seconds', rendered]);
  const lines = (name: string): readonly string[] => {
    const file = directory.file(name);
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  };
  const decisions = (): readonly LogLine[] =>
    lines('portcullis-decisions.log').map((line): LogLine => JSON.parse(line));
  const marks = (): number => decisions().filter(({ path }) => path === mark).length;
  let plain: ReturnType<typeof start> | undefined;
  const owned = stack.move();
  return {
    portcullis,
    ask: (asked) => ask(edge.port, asked),
    askPlain: async (asked) => {
      plain ??= start(['--nginx-edge-decision-seconds', '0']);
      return ask((await plain).port, asked);
    },
    served: async () => {
      const before = marks();
      await ask(edge.port, { path: mark });
      await until('what was served is logged', () => marks() > before);
      return decisions().filter(({ path }) => path !== mark);
    },
    passed: () => portcullis.log().filter(({ message }) => message === 'request'),
    accessLog: () => lines('portcullis-access.log'),
    errorLog: () => edge.nginx.errorLog(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
