/** T20, T21: what is decided about and what is served are one value, through nginx and on the socket. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type LogLine,
  startApplication,
  type TestApplication,
  writeTree,
} from '../support/application.ts';
import { httpGet } from '../support/http-client.ts';
import { needs } from '../support/needs.ts';
import { type Nginx, startNginx } from '../support/nginx.ts';
import { freePort, until } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { getVariables, type RawAnswer, uwsgiRequest } from '../support/uwsgi-client.ts';

const skip = needs('nginx');
const casesOnEachWay = 10_000;
const requestsAtOnce = 16;
const seed = 20_261_121;
const prefix = '/pulp/repos/open';
/** Each holds its own canonical path, so that what was served says which path it was served for. */
const names = ['a.txt', 'dir/b.txt', 'dir/c d.txt', 'dir/%41.txt', 'dir/é.txt', 'dir/x+y~z.txt'];

let directory: TemporaryDirectory;
let application: TestApplication;
let nginx: Nginx;
let port: number;
let distributions: readonly object[];

before(async () => {
  if (skip) return;
  directory = temporaryDirectory();
  const root = directory.file('root');
  const pathOf = (name: string): string => `${prefix}/${name}`;
  writeTree(root, Object.fromEntries(names.map((name) => [name, pathOf(name)])));
  writeTree(directory.path, { 'canary.txt': 'CANARY', 'root2/canary.txt': 'CANARY' });
  writeTree(directory.file('private'), { 'canary.txt': 'CANARY', 'a.txt': 'CANARY' });
  distributions = [
    { relativeUrl: 'open', root, access: 'public' },
    { relativeUrl: 'open/private', root: directory.file('private') },
    { relativeUrl: 'private', root: directory.file('private') },
  ];
  application = await startApplication({ distributions }, { handOff: 'x-accel-redirect' });
  port = await freePort();
  nginx = await startNginx(`
    server {
      listen 127.0.0.1:${port};
      location / {
        include /etc/nginx/uwsgi_params;
        uwsgi_param REQUEST_ID $arg_n;
        uwsgi_pass unix:${application.socket};
      }
      location ^~ /portcullis-internal/open/!/ {
        internal;
        alias ${root}/;
        disable_symlinks on from=${root};
      }
    }`);
});
after(async () => {
  await nginx?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
  directory?.[Symbol.dispose]();
});

/** Targets that begin as an honest client's and are then spelled and twisted in every known way. */
function targets(): readonly string[] {
  const twist = fc.constantFrom(
    ...['..', '.', '%2e%2e', '%2E.', '.%2e', '%252e%252e', '..%2f', '..%252f', '..%5c', '..\\'],
    ...['%c0%ae%c0%ae', '%c0%2e', '%e0%80%ae', '%uff0e', '%u002e', '%00', '%0a', '..;', ';x=y'],
    ...['', '%2f', '%', '%g1', '%2', 'private', 'root2', '...', '%20', '%09', 'OPEN', '%ff', '!'],
  );
  const name = fc.constantFrom(...names, 'canary.txt', 'missing.txt', '../canary.txt');
  const spelled = (text: string) =>
    fc
      .array(fc.constantFrom('plain', 'plain', 'plain', 'upper', 'lower'), {
        minLength: Buffer.byteLength(text),
        maxLength: Buffer.byteLength(text),
      })
      .map((spellings) => spell(Buffer.from(text), spellings));
  const target = fc
    .tuple(name.chain(spelled), fc.array(twist, { maxLength: 3 }), fc.nat(), fc.boolean())
    .map(([path, twists, at, isTwisted]) => {
      const segments = [...prefix.slice(1).split('/'), ...path.split('/')];
      if (isTwisted) segments.splice(at % (segments.length + 1), 0, ...twists);
      return `/${segments.join('/')}`;
    });
  return fc.sample(target, { numRuns: casesOnEachWay, seed });
}

function spell(bytes: Buffer, spellings: readonly string[]): string {
  return Array.from(bytes, (byte, index) => {
    const hex = byte.toString(16).padStart(2, '0');
    const character = String.fromCharCode(byte);
    if (character === '/') return character;
    if (spellings[index] === 'upper') return `%${hex.toUpperCase()}`;
    if (spellings[index] === 'lower') return `%${hex}`;
    return /[\w.~+-]/.test(character) ? character : `%${hex}`;
  }).join('');
}

type Ask = (target: string, id: string) => Promise<RawAnswer>;

/** Asks for every target, and holds each answer to what was decided under its request id. */
async function assertOneValue(way: string, log: readonly LogLine[], ask: Ask): Promise<void> {
  const queue = [...targets().entries()];
  const answers = new Map<string, { readonly target: string; readonly answer: RawAnswer }>();
  await Promise.all(
    Array.from({ length: requestsAtOnce }, async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        const [index, target] = next;
        const id = `${way}-${index}`;
        answers.set(id, { target, answer: await ask(target, id) });
      }
    }),
  );
  const lastServed = [...answers].findLast(([, { answer }]) => answer.status === 200)?.[0];
  await until('the last answer is logged', () =>
    log.some((line) => line.requestId === lastServed && line.outcome === 'allow'),
  );
  const decided = new Map(log.map((line) => [line.requestId, line.path]));
  let served = 0;
  for (const [id, { target, answer }] of answers) {
    const body = answer.body.toString();
    const context = `${way} ${JSON.stringify(target)} → ${answer.status}`;
    assert.doesNotMatch(body, /CANARY/, context);
    assert.ok([200, 301, 400, 403, 404].includes(answer.status), context);
    if (answer.status === 301)
      assert.doesNotMatch(answer.headers.location ?? '.', /\/\.{0,2}\/|^[^/]/);
    if (answer.status !== 200) continue;
    assert.equal(body, decided.get(id), context);
    served += 1;
  }
  // A test in which nothing is ever served would pass as well.
  assert.ok(served > casesOnEachWay / 10, `${served} were served`);
}

describe('paths', { skip }, () => {
  test(`T20 T21 ${casesOnEachWay} encodings through nginx: decided and served are one value`, async () => {
    await assertOneValue('nginx', application.log, (target, id) =>
      httpGet({ host: '127.0.0.1', port }, `${target}?n=${id}`),
    );
  });

  test(`T20 T21 ${casesOnEachWay} encodings on the raw socket`, async () => {
    await using streaming = await startApplication({ distributions });
    await assertOneValue('raw', streaming.log, (target, id) => {
      const variables = getVariables(target, [['REQUEST_ID', id]]);
      return uwsgiRequest({ path: streaming.socket }, variables);
    });
  });
});
