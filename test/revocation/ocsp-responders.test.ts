/** What a process remembers of responders is bounded in number and time. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parseOcsp } from '../../src/plugin.ts';
import { askAboutPath } from '../../src/revocation/ocsp/judge-path.ts';
import { breaker, connectionLimits } from '../../src/revocation/ocsp/limits.ts';
import { OcspResponders, type RespondersParts } from '../../src/revocation/ocsp/responders.ts';
import { parsed } from '../identity/chain-fixture.ts';
import { type Credential, createPki } from '../support/pki.ts';
import { patience, type Responder, startResponder } from './ocsp-responder.ts';

const pki = createPki();
const serials = ['0A01', '0A02', '0A03'];
let root: Credential;
let clients: readonly Credential[];
let responder: Responder;

before(async () => {
  root = await pki.authority();
  clients = await Promise.all(serials.map((serial) => pki.client(root, { serial })));
  responder = await startResponder(root);
});
after(async () => {
  await responder[Symbol.asyncDispose]();
  pki[Symbol.dispose]();
});

function openResponders(parts: Partial<RespondersParts> = {}) {
  const responders = new OcspResponders({ now: () => new Date(), ...parts });
  /** Whether the server was asked for it, and what it said. */
  const ask = async (client: number, path = '', answerSeconds = 60) => {
    const requestsBefore = responder.requests.length;
    const answered = await responders.ask({
      url: `${responder.url}/${path}`,
      certificate: parsed(clients[client] ?? root),
      issuer: parsed(root),
      options: parseOcsp({ responder: responder.url, answerSeconds, ...patience }),
    });
    return { answered, isAsked: responder.requests.length > requestsBefore };
  };
  return { responders, ask, [Symbol.dispose]: () => responders[Symbol.dispose]() };
}

describe('OcspResponders', () => {
  it('keeps as many answers as it may, those that were used last', async () => {
    responder.say({ good: serials });
    using opened = openResponders({ answersMax: 2 });
    const isAsked = async (client: number) => (await opened.ask(client)).isAsked;
    assert.deepEqual([await isAsked(0), await isAsked(1), await isAsked(0)], [true, true, false]);
    assert.equal(await isAsked(2), true);
    assert.equal(opened.responders.size, 2);
    assert.deepEqual([await isAsked(0), await isAsked(2), await isAsked(1)], [false, false, true]);
  });

  it('T97 keeps an answer by a clock that never jumps, and each rule for its own time', async () => {
    responder.say({ good: serials });
    const clock = { ms: 0 };
    using opened = openResponders({ monotonicNow: () => clock.ms });
    assert.equal((await opened.ask(0)).isAsked, true);
    clock.ms = 29_999;
    const { answered } = await opened.ask(0);
    assert.ok('until' in answered);
    const left = answered.until.getTime() - Date.now();
    assert.ok(left > 25_000 && left <= 30_001, String(left));
    assert.equal((await opened.ask(0, '', 30)).isAsked, false);
    clock.ms = 30_000;
    assert.equal((await opened.ask(0, '', 30)).isAsked, true);
    clock.ms = 89_999;
    assert.equal((await opened.ask(0)).isAsked, false);
    clock.ms = 90_000;
    assert.equal((await opened.ask(0)).isAsked, true);
  });

  it('knows as many responders as it may, those that were asked last', async () => {
    using opened = openResponders({ respondersMax: 2 });
    responder.answer((_, response) => response.writeHead(500).end());
    for (let turn = 0; turn < breaker.failures; turn += 1) await opened.ask(0, 'a');
    assert.equal((await opened.ask(0, 'a')).isAsked, false, 'it is given a rest');
    await opened.ask(0, 'b');
    assert.equal((await opened.ask(0, 'a')).isAsked, false);
    await opened.ask(0, 'c');
    assert.equal((await opened.ask(0, 'a')).isAsked, false);
    for (const path of ['b', 'c']) await opened.ask(0, path);
    assert.equal((await opened.ask(0, 'a')).isAsked, true, 'it was forgotten');
  });

  it('T60 lets nobody in for more questions than may wait, whatever is allowed', async () => {
    using responders = new OcspResponders({ now: () => new Date() });
    const { url } = responder;
    const options = parseOcsp({ responder: url, unreachable: 'allow', ...patience });
    const of = (serial: number) =>
      askAboutPath([{ ...client, serial: serial.toString(16) }, parsed(root)], new Date(), {
        ...{ responders, options },
      });
    const client = parsed(clients[0] ?? root);
    responder.answer(() => {});
    const { pendingMax } = connectionLimits;
    const waiting = Array.from({ length: pendingMax }, (_, index) => of(index + 1).catch(() => {}));
    await assert.rejects(of(pendingMax + 1), {
      code: 'CANNOT_DECIDE',
      message: new RegExp(`${pendingMax} questions to it run or wait already$`),
    });
    responders[Symbol.dispose]();
    await Promise.all(waiting);
    const again = await of(pendingMax + 1);
    assert.ok('until' in again, 'unreachable since it is closed, and allowed');
  });

  it('T60 takes useless answers for no rest, in which `unreachable: allow` lets in', async () => {
    using responders = new OcspResponders({ now: () => new Date() });
    const options = parseOcsp({ responder: responder.url, unreachable: 'allow', ...patience });
    const path = [parsed(clients[0] ?? root), parsed(root)];
    responder.answer((_, response) =>
      response.writeHead(200, { 'content-type': 'application/ocsp-response' }).end('useless'),
    );
    for (let turn = 0; turn < 2 * breaker.failures; turn += 1) {
      await assert.rejects(askAboutPath(path, new Date(), { responders, options }), {
        code: 'CANNOT_DECIDE',
      });
    }
  });

  it('gives up what it asks when it is closed', async () => {
    const opened = openResponders();
    const { promise: asking, resolve } = Promise.withResolvers<void>();
    responder.answer(() => resolve());
    const asked = opened.ask(0);
    await asking;
    opened[Symbol.dispose]();
    const { answered } = await asked;
    assert.deepEqual(answered, { problem: 'the question was given up', isReached: false });
  });
});
