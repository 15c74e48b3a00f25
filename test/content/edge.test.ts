/** What nginx is told that it may remember. */

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  decidedBytesMax,
  decidedMembers,
  subjectCharactersMax,
} from '../../src/content/edge-log.ts';
import { startApplication, type TestApplication, writeTree } from '../support/application.ts';
import { type Credential, createPki } from '../support/pki.ts';
import {
  getVariables,
  type RawAnswer,
  uwsgiRequest,
  type VariablePairs,
} from '../support/uwsgi-client.ts';

const pki = createPki();
const plugins = path.join(import.meta.dirname, '../fixtures/plugins');
const root = pki.file('root');
const https: VariablePairs = [['HTTPS', 'on']];
let client: Credential;
let configuration: Readonly<Record<string, unknown>>;

before(async () => {
  writeTree(root, { 'a.rpm': 'a' });
  const ca = await pki.authority();
  client = await pki.client(ca);
  const certificate = { ca: ca.certificatePath };
  configuration = {
    plugins: [path.join(plugins, 'throws-at-request.ts')],
    distributions: [
      { relativeUrl: 'open', root, access: 'public' },
      { relativeUrl: 'ours', root, access: { certificate } },
      {
        relativeUrl: 'near',
        root,
        access: { all: [{ certificate }, { address: { allow: ['127.0.0.0/8'] } }] },
      },
      { relativeUrl: 'timed', root, access: { time: { from: '2020-01-01T00:00:00Z' } } },
      { relativeUrl: 'fault', root, access: { 'throws-at-request': {} } },
      { relativeUrl: 'nobody', root },
      {
        relativeUrl: 'parted',
        root,
        access: 'public',
        paths: [{ path: 'x', access: { certificate } }],
      },
    ],
  };
});
after(() => pki[Symbol.dispose]());

const start = (seconds: number, handOff = 'x-accel-redirect'): Promise<TestApplication> =>
  startApplication({ ...configuration, nginx: { edgeDecisionSeconds: seconds } }, { handOff });

const withCertificate = (): VariablePairs => [...https, ['SSL_CLIENT_CERT', client.certificate]];

/** Asks what nginx asks. */
function ask(
  { socket }: TestApplication,
  question: string,
  place: string,
  more: VariablePairs = https,
): Promise<RawAnswer> {
  const target = `/portcullis-internal/!/${question}/pulp/repos/${place}`;
  return uwsgiRequest({ path: socket }, getVariables(target, more));
}

/** The status, and for how many seconds it may be remembered, the present one included. */
function told({ status, headers }: RawAnswer, askedAt: number): string {
  const expires = /^@(\d+)$/.exec(String(headers['x-accel-expires']))?.[1];
  if (expires === undefined) {
    assert.equal(headers['cache-control'], 'no-store');
    return `${status}`;
  }
  const seconds = Number(expires) - Math.floor(askedAt / 1000) + 1;
  return `${status} for ${seconds}`;
}

describe('the answers for nginx', () => {
  let application: TestApplication;
  before(async () => {
    application = await start(5);
  });
  after(() => application[Symbol.asyncDispose]());

  const rows: readonly (readonly [string, string, string, string, (() => VariablePairs)?])[] = [
    ['what is public is for all of it', 'distribution', 'open/a.rpm', '204 for 5'],
    ['what is not there is not said here', 'distribution', 'open/missing', '204 for 5'],
    ['a path of it', 'path', 'open/a.rpm', '204 for 5'],
    ['a certificate', 'distribution', 'ours/a.rpm', '204 for 5', withCertificate],
    ['a client without one is passed on', 'distribution', 'ours/a.rpm', '303 for 5'],
    ['all of two rules', 'distribution', 'near/a.rpm', '204 for 5', withCertificate],
    ['a rule of the time is asked each time', 'distribution', 'timed/a.rpm', '303 for 5'],
    ['T60 a fault is remembered by nobody', 'distribution', 'fault/a.rpm', '303'],
    ['T59 no policy lets nobody in', 'path', 'nobody/a.rpm', '303 for 5'],
    [
      'T66 where policies differ by path, it is for a path',
      'distribution',
      'parted/a.rpm',
      '300 for 5',
    ],
    ['T66 and of that path', 'path', 'parted/a.rpm', '204 for 5'],
    ['no such distribution', 'distribution', 'none/a.rpm', '303'],
    ['T20 a path that is not canonical', 'distribution', 'open//a.rpm', '303'],
    ['T26 a query', 'distribution', 'open/a.rpm?x', '303'],
    ['a token in the path', 'path', `open/pct_${'a'.repeat(38)}/a.rpm`, '204 for 5'],
    ['T61 a connection that is not TLS', 'distribution', 'open/a.rpm', '303', () => []],
    [
      'T65 a password',
      'distribution',
      'open/a.rpm',
      '303',
      () => [...https, ['HTTP_AUTHORIZATION', 'Basic YTpi']],
    ],
    [
      'T65 a token',
      'distribution',
      'open/a.rpm',
      '303',
      () => [...https, ['HTTP_AUTHORIZATION', 'Bearer abc']],
    ],
    [
      'T53 a broken header',
      'distribution',
      'open/a.rpm',
      '303',
      () => [...https, ['HTTP_AUTHORIZATION', 'Basic']],
    ],
    [
      'T01 a certificate in a header',
      'distribution',
      'ours/a.rpm',
      '303 for 5',
      () => [...https, ['HTTP_SSL_CLIENT_CERT', encodeURIComponent(client.certificate)]],
    ],
  ];
  for (const [name, question, place, expected, more] of rows) {
    test(`nginx is told ${expected} of ${question}: ${name}`, async () => {
      // The answer counts from the second in which it is asked: ask in one that does not end meanwhile.
      for (;;) {
        const askedAt = Date.now();
        const answer = await ask(application, question, place, more?.());
        if (Math.floor(Date.now() / 1000) !== Math.floor(askedAt / 1000)) continue;
        assert.equal(told(answer, askedAt), expected);
        assert.equal(answer.body.length, 0);
        break;
      }
    });
  }

  test('nginx is told who was let in, as the decision log says it', async () => {
    const { headers } = await ask(application, 'distribution', 'ours/a.rpm', withCertificate());
    const decided: unknown = JSON.parse(`{${headers['x-portcullis-decided']}}`);
    const [fingerprint] = /[0-9a-f]{64}/.exec(JSON.stringify(decided)) ?? [];
    assert.deepEqual(decided, {
      distribution: 'ours',
      rule: 'certificate',
      principal: `certificate:${fingerprint}`,
      subject: 'O=Acme,CN=client',
      certificate: `sha256:${fingerprint}`,
    });
    assert.equal(
      application.log.some(({ message }) => message === 'request'),
      false,
    );
  });

  test('other paths beside the questions are those of requests', async () => {
    for (const place of [
      '/portcullis-internal/!/',
      '/portcullis-internal/!/other/pulp/repos/open/a.rpm',
    ]) {
      assert.equal((await application.get(place, https)).status, 404);
    }
  });
});

describe('the answers for nginx, and who gets them', () => {
  test('nginx is told to pass everything on where nothing may be remembered', async () => {
    await using application = await start(0);
    const answer = await ask(application, 'distribution', 'open/a.rpm');
    assert.equal(told(answer, Date.now()), '303');
  });

  test('nobody is answered who is handed no files', async () => {
    await using application = await start(5, 'stream');
    const { status } = await ask(application, 'distribution', 'open/a.rpm');
    assert.equal(status, 404);
  });
});

describe('decidedMembers', () => {
  const verdict = { outcome: 'allow', rule: 'x', principal: undefined } as const;
  const of = (name: string, label: string) => ({
    distribution: 'a',
    verdict: { ...verdict, principal: { kind: 'plugin', name, label } as const },
    certificate: undefined,
  });

  test('T73 T87 decidedMembers() is printable ASCII, whatever the names, and says the same', () => {
    const name = 'é"\\\r\nX: y\u0000\u007f\u009b\u2028💥\ud800';
    const text = decidedMembers(of(name, name)) ?? '';
    assert.match(text, /^[\x20-\x7e]+$/);
    const said: Readonly<Record<string, unknown>> = JSON.parse(`{${text}}`);
    assert.equal(said.principal, `plugin:${name}`);
    assert.equal(said.subject, name);
  });

  test('decidedMembers() cuts the subject at its limit', () => {
    const subjectOf = (label: string): unknown =>
      JSON.parse(`{${decidedMembers(of('a', label))}}`).subject;
    const longest = 'x'.repeat(subjectCharactersMax);
    assert.equal(subjectOf(longest), longest);
    assert.equal(subjectOf(`${longest}y`), longest);
  });

  test('decidedMembers() has nothing to say of what is over its limit', () => {
    const overhead = decidedMembers(of('', 'l'))?.length ?? 0;
    const longest = 'x'.repeat(decidedBytesMax - overhead);
    assert.equal(decidedMembers(of(longest, 'l'))?.length, decidedBytesMax);
    assert.equal(decidedMembers(of(`${longest}y`, 'l')), undefined);
  });
});
