/** The API over a real store and a real server, and a look at every answer that it gives. */

import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createApi } from '../../src/api/api.ts';
import { failureSchema } from '../../src/api/openapi.ts';
import type { ApiParts } from '../../src/api/parts.ts';
import { peopleCollections } from '../../src/api/people/documents.ts';
import { openPeople, setUpPeople } from '../../src/api/people/people.ts';
import { sessionCollections } from '../../src/api/people/sessions.ts';
import { type Route, replaceParameters, statusesOf } from '../../src/api/route.ts';
import { createRoutes } from '../../src/api/routes.ts';
import { apiPrefix } from '../../src/api-error.ts';
import { auditCollections } from '../../src/audit/collections.ts';
import { consumerCollections } from '../../src/consumers/documents.ts';
import { createHttpReader } from '../../src/front/http-front.ts';
import { AttemptLimiter } from '../../src/identity/attempt-limiter.ts';
import { PasswordHasher } from '../../src/identity/password-hasher.ts';
import { readPassword } from '../../src/identity/password-text.ts';
import { openSessionAuthority } from '../../src/identity/session-authority.ts';
import { openSessionVerifier } from '../../src/identity/session-verifier.ts';
import { WorkQueue } from '../../src/identity/work-queue.ts';
import { createLogger } from '../../src/log.ts';
import { deniedCertificateCollections } from '../../src/people/denied-certificates.ts';
import { policyCollections } from '../../src/policies/documents.ts';
import { repositoryCollections } from '../../src/repositories/documents.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { type StoreLimits, storeLimits } from '../../src/stores/limits.ts';
import { openStore, type StoreSettings } from '../../src/stores/open.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import { taskCollections } from '../../src/tasks/task.ts';
import { tokenCollections } from '../../src/tokens/token.ts';
import { Tokens } from '../../src/tokens/tokens.ts';
import { writeUrlKeys } from '../identity/signed-urls/url-fixture.ts';
import { openedStorage } from '../storage/opened.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { testLinkSigner } from './link-fixture.ts';
import { testPolicies } from './policy-fixture.ts';
import { openTestPlay } from './test-play.ts';

export const admin = { login: 'admin', password: 'right horse' };

/** Cheap hashes: what is tested here is not how long one takes. */
export const hasher = new PasswordHasher({
  queue: new WorkQueue({ runningMax: 4, pendingMax: 1000 }),
  cost: { logN: 10, p: 1 },
});

export interface RunningApi extends AsyncDisposable {
  readonly server: Server;
  readonly settings: StoreSettings;
  /** Where it takes uploads to. */
  readonly storage: Storage;
  readonly parts: ApiParts;
  readonly routes: readonly Route[];
  readonly log: readonly string[];
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly urlKeysFile: string;
}

/** Statuses that were seen, as `GET /v2/users/ 200`, in all tests of a process. */
export const seen = new Set<string>();

export interface RunOptions {
  readonly now?: () => Date;
  readonly replace?: Partial<ApiParts>;
  readonly limits?: StoreLimits;
}

export async function runApi(
  settings: StoreSettings,
  { now = () => new Date(), replace = {}, limits = storeLimits }: RunOptions = {},
): Promise<RunningApi> {
  const directory = temporaryDirectory();
  chmodSync(directory.path, 0o700);
  const collections = [
    ...[...peopleCollections, ...sessionCollections],
    ...[...deniedCertificateCollections, ...taskCollections, ...tokenCollections],
    ...policyCollections,
    ...repositoryCollections,
    ...consumerCollections,
    ...auditCollections,
  ];
  const store = await openStore({ settings, access: 'write', collections, limits });
  const lines: string[] = [];
  const log = createLogger({ level: 'debug', write: (line) => lines.push(line) });
  const [certificateFile, keyFile] = [directory.file('ca.crt'), directory.file('ca.key')];
  const urlKeysFile = writeUrlKeys(directory);
  const people = openPeople(store, now);
  const opened = new AsyncDisposableStack();
  const { storage } = opened.use(await openedStorage());
  const parts: ApiParts = {
    store,
    people,
    storage,
    tasks: createTaskQueue(store, { now }),
    policies: testPolicies(store, now),
    tokens: new Tokens(store, now),
    passwords: hasher,
    attempts: new AttemptLimiter(),
    sessionAuthority: await openSessionAuthority({ certificateFile, keyFile }, { now, log }),
    sessionVerifier: await openSessionVerifier(certificateFile, { now, log }),
    links: await testLinkSigner(urlKeysFile, now),
    ...(await openTestPlay(directory, log, opened)),
    keepsDecisions: true,
    readEvidence: createHttpReader({ trustedPeers: ['127.0.0.1'], headers: identityHeaders }),
    log,
    now,
    ...replace,
  };
  await setUpPeople(people, { login: admin.login, name: 'Admin', password: await hashed() });
  const routes = createRoutes(parts);
  const listener = createApi(parts);
  const problems: string[] = [];
  const server = createServer((request, response) => {
    watch(request.method ?? '', request.url ?? '', response, routes, problems);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const rest = { settings, storage, log: lines, certificateFile, keyFile, urlKeysFile };
  return {
    server,
    parts,
    routes,
    ...rest,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await opened.disposeAsync();
      await store.close();
      directory[Symbol.dispose]();
      assert.deepEqual(problems, []);
    },
  };
}

/** As a front would be configured to send them; the tests are that front. */
const identityHeaders = {
  clientCertificate: 'X-Client-Certificate',
  clientVerify: undefined,
  clientAddress: 'X-Client-Address',
  scheme: undefined,
  remoteUser: 'X-Remote-User',
};

/** The header of a front that passes a client's certificate on. */
export function withCertificate(pem: string): Record<string, string> {
  return { 'X-Client-Certificate': encodeURIComponent(pem) };
}

async function hashed(): Promise<string> {
  const password = readPassword(admin.password);
  if ('problem' in password) throw new Error(password.problem);
  return hasher.hash(password, new AbortController().signal);
}

/** Holds each answer to what its route declares: the status, and the schema of the body. */
function watch(
  method: string,
  url: string,
  response: ServerResponse,
  routes: readonly Route[],
  problems: string[],
): void {
  const path = url.split('?', 1)[0] ?? '';
  const route = routeOf(method === 'HEAD' ? 'GET' : method, path, routes);
  if (route === undefined) return;
  const end = response.end.bind(response);
  response.end = ((body: unknown, ...rest: never[]) => {
    const { statusCode: status } = response;
    // Of a path that is not in its one spelling, the router knows better than this.
    if (body === 'null' && status === 404) return end(body as never, ...rest);
    const name = `${route.method} ${route.path} ${status}`;
    seen.add(name);
    const problem = problemOf(route, status, method === 'HEAD' ? undefined : body);
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
    return end(body as never, ...rest);
  }) as typeof response.end;
}

function problemOf(route: Route, status: number, body: unknown): string | undefined {
  const isAnswer = statusesOf(route.answer).includes(status);
  if (!isAnswer && ![...route.refusals, 500, 503].includes(status)) return 'it is not declared';
  if (typeof body !== 'string' || body === '') return undefined;
  const schema = isAnswer && 'schema' in route.answer ? route.answer.schema : failureSchema;
  const result = schema.safeParse(JSON.parse(body));
  return result.success ? undefined : `${body.slice(0, 300)} ${result.error.message}`;
}

function routeOf(method: string, path: string, routes: readonly Route[]): Route | undefined {
  const sent = path.slice(apiPrefix.length).replaceAll(/\/{2,}/g, '/');
  const fitting = routes.filter((route) => {
    const pattern = replaceParameters(route.path, (_, isLong) => (isLong ? '.+' : '[^/]+'));
    return new RegExp(`^${pattern}$`).test(sent);
  });
  return fitting.find((route) => route.path === fitting[0]?.path && route.method === method);
}
