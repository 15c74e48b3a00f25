/** What nginx may remember of a decision: for whom, of what, and for how long. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readCertificateName } from '../../src/people/certificate-name.ts';
import type { Decision } from '../../src/plugin.ts';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import type { AskedLine } from '../fixtures/plugins/told.ts';
import type { Asked } from '../front/nginx-fixture.ts';
import { basic, writeTree } from '../support/application.ts';
import { needs } from '../support/needs.ts';
import { type Credential, createPki, type Pki } from '../support/pki.ts';
import type { LogLine } from '../support/portcullis.ts';
import { stop, until } from '../support/processes.ts';
import { repositoryRoot } from '../support/source-tree.ts';
import { openStoredPeople, type StoredPeople } from '../support/stored-people.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { type Edge, type EdgeOptions, startEdge } from './edge.ts';
import { patienceMs } from './pool.ts';

const skip = needs('nginx', 'openssl');
const everywhere = { seconds: 60, scope: 'distribution' } as const;
const here = { seconds: 60, scope: 'path' } as const;
const allow = (remember?: typeof everywhere | typeof here): Decision =>
  remember === undefined ? { outcome: 'allow' } : { outcome: 'allow', remember };
const deny: Decision = { outcome: 'deny', reason: 'it was told so' };

interface Site extends AsyncDisposable {
  readonly pki: Pki;
  readonly server: Credential;
  /** Of alice and bob. */
  readonly ca: Credential;
  readonly alice: Credential;
  readonly bob: Credential;
  readonly stranger: Credential;
  readonly stored: StoredPeople;
  readonly settings: EdgeOptions['settings'];
  /** Tells the rule of the distribution `told` how to decide from now on. */
  tell(answers: Readonly<Record<string, Decision>>): void;
  /** What that rule was asked. */
  asked(): readonly AskedLine[];
}

async function createSite(): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  const pki = stack.use(createPki());
  const directory = stack.use(temporaryDirectory());
  const stored = stack.use(
    await openStoredPeople({ type: 'sqlite', file: directory.file('portcullis.db') }),
  );
  const [ca, otherCa] = [await pki.authority(), await pki.authority({ subject: '/CN=other' })];
  const names = ['one', 'two', 'private/three', 'four', 'five', 'six'];
  writeTree(pki.file('root'), Object.fromEntries(names.map((name) => [`${name}.rpm`, name])));
  const answers = pki.file('answers.json');
  const asked = pki.file('asked.log');
  writeFileSync(asked, '');
  const certificate = { ca: ca.certificatePath };
  const root = pki.file('root');
  const owned = stack.move();
  return {
    ...{ pki, stored, ca },
    server: await pki.server(ca),
    alice: await pki.client(ca, { subject: '/CN=alice' }),
    bob: await pki.client(ca, { subject: '/CN=bob' }),
    stranger: await pki.client(otherCa),
    settings: {
      ...stored.settings,
      plugins: [path.join(repositoryRoot, 'test/fixtures/plugins/told.ts')],
      distributions: [
        { relativeUrl: 'ours', root, access: { certificate } },
        { relativeUrl: 'theirs', root, access: { certificate: { ca: otherCa.certificatePath } } },
        ...['told', 'also', 'each'].map((relativeUrl) => {
          return { relativeUrl, root, access: { told: { answers, asked } } };
        }),
        { relativeUrl: 'charged', root, access: { told: { answers, asked, charges: true } } },
        { relativeUrl: 'near', root, access: { address: { allow: ['127.0.0.1'] } } },
        { relativeUrl: 'open', root, access: 'public' },
        {
          relativeUrl: 'parted',
          root,
          access: { certificate },
          paths: [{ path: 'private', access: { certificate: { ca: otherCa.certificatePath } } }],
        },
      ],
    },
    tell: (decisions) => writeFileSync(answers, JSON.stringify(decisions)),
    asked: () =>
      readFileSync(asked, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line): AskedLine => JSON.parse(line)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe('decisions that nginx remembers', { skip }, () => {
  let site: Site;
  let edge: Edge;
  before(async () => {
    site = await createSite();
    edge = await start(60);
  });
  after(async () => {
    await edge[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  const start = (seconds: number, more: Partial<EdgeOptions> = {}): Promise<Edge> =>
    startEdge({ ...site, protocol: 'uwsgi', seconds, ...more });
  const at = (place: string): Pick<Asked, 'path'> => ({ path: `/pulp/repos/${place}` });
  const statusOf = async (of: Edge, place: string, asked: Asked = {}): Promise<number> =>
    (await of.ask({ client: site.alice, ...asked, ...at(place) })).status;
  /** How often the rule is asked while `work` is done. */
  const askedBy = async (work: () => Promise<unknown>): Promise<number> => {
    const before = site.asked().length;
    await work();
    return site.asked().length - before;
  };
  /** What nginx serves by decisions that it remembers while `work` is done. */
  const servedBy = async (of: Edge, work: () => Promise<unknown>): Promise<readonly LogLine[]> => {
    const before = (await of.served()).length;
    await work();
    return (await of.served()).slice(before);
  };

  async function assertKeptApart(of: Edge): Promise<void> {
    const { alice, bob, stranger } = site;
    const elsewhere = { client: alice, localAddress: '127.0.0.2' };
    const once = async (): Promise<void> => {
      assert.equal(await statusOf(of, 'ours/one.rpm', { client: alice }), 200);
      assert.equal(await statusOf(of, 'ours/two.rpm', { client: alice }), 200);
      assert.equal((await of.ask(at('ours/one.rpm'))).status, 403);
      assert.equal(await statusOf(of, 'ours/one.rpm', { client: stranger }), 403);
      assert.equal(await statusOf(of, 'ours/one.rpm', { client: bob }), 200);
      assert.equal(await statusOf(of, 'theirs/one.rpm', { client: alice }), 403);
      assert.equal(await statusOf(of, 'theirs/one.rpm', { client: stranger }), 200);
      assert.equal(await statusOf(of, 'near/one.rpm', { client: alice }), 200);
      assert.equal(await statusOf(of, 'near/one.rpm', elsewhere), 403);
      assert.equal((await of.ask(at('open/one.rpm'))).status, 200);
    };
    for (const _ of [1, 2]) {
      const who = (await servedBy(of, once)).map(({ distribution, subject, path: each }) => {
        return `${distribution} ${subject} ${String(each).slice(-7)}`;
      });
      assert.deepEqual(who, [
        ...['ours CN=alice one.rpm', 'ours CN=alice two.rpm', 'ours CN=bob one.rpm'],
        ...['theirs O=Acme,CN=client one.rpm', 'near undefined one.rpm', 'open undefined one.rpm'],
      ]);
    }
  }

  it('T65 T66 one of them serves no other client, distribution or address, over uwsgi', async () => {
    await assertKeptApart(edge);
  });

  it('T65 T66 one of them serves no other client, distribution or address, over http', async () => {
    await using other = await start(60, { protocol: 'http' });
    await assertKeptApart(other);
  });

  it('T66 one for a path serves no other path, and one for a distribution none with another policy', async () => {
    site.tell({ '/one.rpm': allow(here), '/two.rpm': deny });
    assert.equal(await statusOf(edge, 'told/one.rpm'), 200);
    assert.equal(await askedBy(() => statusOf(edge, 'told/one.rpm')), 0);
    assert.equal(await statusOf(edge, 'told/two.rpm'), 403);
    assert.equal(await askedBy(() => statusOf(edge, 'told/one.rpm', { client: site.bob })), 1);
    const served = await servedBy(edge, async () => {
      for (const _ of [1, 2]) {
        assert.equal(await statusOf(edge, 'parted/one.rpm'), 200);
        assert.equal(await statusOf(edge, 'parted/private/three.rpm'), 403);
      }
    });
    const paths = served.map((line) => line.path);
    assert.deepEqual(paths, ['/pulp/repos/parted/one.rpm', '/pulp/repos/parted/one.rpm']);
  });

  it('a decision for a distribution is asked for once, whichever files follow', async () => {
    site.tell({ '/one.rpm': allow(everywhere) });
    const asked = await askedBy(async () => {
      for (const name of ['one.rpm', 'two.rpm', 'private/three.rpm']) {
        assert.equal(await statusOf(edge, `also/${name}`), 200);
      }
    });
    assert.equal(asked, 1);
  });

  it('T16 T54 a denied certificate is refused within the bound of Portcullis and the time of nginx, and stays so', async () => {
    const seconds = 2;
    await using short = await start(seconds);
    const lates: number[] = [];
    for (const subject of ['/CN=carol', '/CN=dave', '/CN=erin']) {
      const client = await site.pki.client(site.ca, { subject });
      assert.equal(await statusOf(short, 'ours/one.rpm', { client }), 200);
      const name = readCertificateName({ certificate: client.certificate });
      assert.ok(!('problem' in name));
      await site.stored.denied.add(name, { reason: 'stolen', by: 'first' });
      const deniedAt = performance.now();
      let lastSuccess = deniedAt;
      await until('it is refused', async () => {
        const startedAt = performance.now();
        const status = await statusOf(short, 'ours/one.rpm', { client });
        if (status === 200) lastSuccess = startedAt;
        return status === 403;
      });
      const late = lastSuccess - deniedAt - changeReachesWithinMilliseconds - seconds * 1000;
      if (late >= 0) lates.push(late);
      for (const file of ['one.rpm', 'two.rpm', 'one.rpm']) {
        assert.equal(await statusOf(short, `ours/${file}`, { client }), 403);
      }
    }
    // One look at the store may be late on a machine that does other work.
    assert.ok(lates.length <= 1, `late by ${lates.join()} ms`);
  });

  it('T16 nothing is served later than the time of nginx after a decision that allowed it', async () => {
    const seconds = 1;
    const settings = { ...site.settings, access: { rememberSeconds: 0 } };
    await using short = await start(seconds, { settings });
    site.tell({ '/one.rpm': allow(here) });
    const successes: number[] = [];
    const before = site.asked().length;
    const isRemembered = (): boolean => successes.length > site.asked().length - before;
    const [enough, end] = [Date.now() + 3000, Date.now() + patienceMs];
    // On a machine that does other work, each request may come too late for what is remembered.
    while (Date.now() < enough || (!isRemembered() && Date.now() < end)) {
      successes.push(Date.now());
      assert.equal(await statusOf(short, 'told/one.rpm'), 200);
    }
    const decisions = site.asked().slice(before);
    for (const [index, success] of successes.entries()) {
      const next = successes[index + 1] ?? Number.POSITIVE_INFINITY;
      const isCovered = decisions.some(({ at: decidedAt }) => {
        const isDuring = decidedAt >= success && decidedAt <= next;
        return isDuring || (decidedAt <= success && success - decidedAt < seconds * 1000);
      });
      assert.ok(isCovered, `${success} in ${JSON.stringify(decisions)}`);
    }
    assert.ok(isRemembered(), 'nginx remembered something');
  });

  it('T67 T96 a denial and a fault are over as soon as the rule allows', async () => {
    for (const [place, answers, status] of [
      ['four', { '/four.rpm': deny }, 403],
      ['five', {}, 503],
    ] as const) {
      site.tell(answers);
      for (const _ of [1, 2]) {
        const asked = { client: site.alice, ...at(`told/${place}.rpm`) };
        const { status: seen, headers } = await edge.ask(asked);
        assert.equal(seen, status);
        assert.equal(/^retry-after: 10\r?$/im.test(headers), status === 503);
      }
      site.tell({ [`/${place}.rpm`]: allow(here) });
      assert.equal(await statusOf(edge, `told/${place}.rpm`), 200);
    }
  });

  it('T96 a fault is asked for anew each time', async () => {
    site.tell({});
    for (const _ of [1, 2]) {
      const asked = await askedBy(async () => {
        assert.equal(await statusOf(edge, 'told/six.rpm', { client: site.stranger }), 503);
      });
      assert.equal(asked, 2);
    }
  });

  it('T64 what is charged is charged each time', async () => {
    site.tell({ '/one.rpm': { outcome: 'allow', charge: 'one', remember: everywhere } });
    const before = site.asked().length;
    const served = await servedBy(edge, async () => {
      for (const _ of [1, 2, 3]) assert.equal(await statusOf(edge, 'charged/one.rpm'), 200);
    });
    const settled = site.asked().filter((line, index) => index >= before && line.settled);
    assert.equal(settled.length, 3);
    assert.equal(served.length, 0);
  });

  it('what a rule does not let be remembered is asked for each time', async () => {
    site.tell({ '/one.rpm': allow() });
    const served = await servedBy(edge, async () => {
      assert.equal(await statusOf(edge, 'each/one.rpm'), 200);
      for (const _ of [1, 2]) {
        assert.equal(await askedBy(() => statusOf(edge, 'each/one.rpm')), 1);
      }
    });
    assert.equal(served.length, 0);
  });

  it('T53 T62 a request with credentials or a query is passed on, whatever is remembered', async () => {
    assert.equal(await statusOf(edge, 'ours/one.rpm'), 200);
    const credentials = [
      [`Authorization: ${basic('ann', 's3cret')}`],
      ['Authorization: Bearer s3cret'],
      ['Authorization: Basic s3cret'],
    ];
    const served = await servedBy(edge, async () => {
      for (const headers of credentials) {
        const asked = { client: site.alice, headers, ...at('ours/one.rpm') };
        assert.equal((await edge.ask(asked)).status, (await edge.askPlain(asked)).status);
      }
      assert.equal(await statusOf(edge, 'ours/one.rpm?s3cret'), 200);
    });
    assert.equal(served.length, 0);
    await until('it is logged', () => edge.accessLog().some((line) => line.includes('?[query]')));
    const decisions = JSON.stringify(await edge.served());
    const logs = [edge.accessLog().join('\n'), decisions, edge.errorLog()];
    assert.equal(logs.join('\n').includes('s3cret'), false);
  });

  it('nginx remembers nothing when Portcullis was not told that it may', async () => {
    await using off = await start(0, { renderedSeconds: 60 });
    for (const _ of [1, 2]) assert.equal(await statusOf(off, 'ours/one.rpm'), 200);
    await until('both are logged', () => off.passed().length === 2);
  });

  it('T96 without Portcullis nginx goes by what it remembers for its time, and answers 503 to the rest', async () => {
    const seconds = 6;
    await using short = await start(seconds);
    const decidedAt = Date.now();
    assert.equal(await statusOf(short, 'ours/one.rpm'), 200);
    await stop(short.portcullis.child);
    const status = await statusOf(short, 'ours/two.rpm');
    // A machine that does other work may have taken all of the time.
    const isInTime = Date.now() < decidedAt + (seconds - 1) * 1000;
    assert.ok(status === 200 || !isInTime, `${status}`);
    assert.equal(await statusOf(short, 'ours/two.rpm', { client: site.bob }), 503);
    await until('the time is over', async () => {
      return (await statusOf(short, 'ours/two.rpm')) === 503;
    });
  });
});
