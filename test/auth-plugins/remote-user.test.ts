import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { plugin, userCharactersMax } from '../../auth-plugins/remote-user/index.ts';
import { testAuthorizer } from '../contracts/authorizer.ts';
import { startApplication, type TestApplication, writeTree } from '../support/application.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import { testServices } from '../support/services.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import type { VariablePairs } from '../support/uwsgi-client.ts';

testAuthorizer({
  plugin,
  options: () => ({ users: ['ann'], realms: ['EXAMPLE.COM', '*.EXAMPLE.COM'] }),
  services: () => testServices('/'),
  wrongOptions: [
    { users: [] },
    { users: 'ann' },
    { users: [''] },
    { users: [5] },
    { realms: [] },
    { realms: ['*'] },
    { anybody: false },
    { anybody: 'yes' },
    { anybody: true, users: ['ann'] },
  ],
});

describe('remote-user', () => {
  const decide = async (options: object, remoteUser: string | undefined) => {
    const authorizer = await plugin.create(plugin.parseOptions(options), testServices('/'));
    const request = accessRequest({ evidence: evidence({ remoteUser }) });
    return authorizer.authorize(request, new AbortController().signal);
  };
  const outcomes = async (
    options: object,
    expected: readonly (readonly [user: string, outcome: 'allow' | 'deny'])[],
  ) => {
    for (const [user, outcome] of expected) {
      assert.equal((await decide(options, user)).outcome, outcome, user);
    }
  };

  it('T07 lets in the users that it names, as principals of their own kind', async () => {
    const options = { users: ['ann', 'bob@EXAMPLE.COM', 'host/a@EXAMPLE.COM'] };
    assert.deepEqual(await decide(options, 'ann'), {
      outcome: 'allow',
      principal: { kind: 'remote-user', name: 'ann' },
    });
    await outcomes(options, [
      ['bob@EXAMPLE.COM', 'allow'],
      ['host/a@EXAMPLE.COM', 'allow'],
      ['bob', 'deny'],
      ['Ann', 'deny'],
      ['ann ', 'deny'],
      ['ann@EXAMPLE.COM', 'deny'],
      ['__proto__', 'deny'],
    ]);
    assert.deepEqual(await decide(options, 'eve"'), {
      outcome: 'deny',
      reason: 'the rule does not name the user "eve\\"" or a realm of theirs',
    });
  });

  it('T24 lets in the people of a realm, by the whole of it', async () => {
    await outcomes({ realms: ['EXAMPLE.COM'] }, [
      ['ann@EXAMPLE.COM', 'allow'],
      ['ann@example.com', 'deny'],
      ['ann@A.EXAMPLE.COM', 'deny'],
      ['ann@NOTEXAMPLE.COM', 'deny'],
      ['ann@EXAMPLE.COM.EVIL.ORG', 'deny'],
      ['ann@EVIL.ORG@EXAMPLE.COM', 'deny'],
      ['ann@EXAMPLE.COM@EVIL.ORG', 'deny'],
      ['@EXAMPLE.COM', 'deny'],
      ['EXAMPLE.COM', 'deny'],
      ['host/a@EXAMPLE.COM', 'deny'],
      ['ann/admin@EXAMPLE.COM', 'deny'],
    ]);
  });

  it('T31 lets in the people of the realms below one, and not of that one itself', async () => {
    await outcomes({ realms: ['*.EXAMPLE.COM'] }, [
      ['ann@A.EXAMPLE.COM', 'allow'],
      ['ann@B.A.EXAMPLE.COM', 'allow'],
      ['ann@EXAMPLE.COM', 'deny'],
      ['ann@.EXAMPLE.COM', 'deny'],
      ['ann@AEXAMPLE.COM', 'deny'],
      ['ann@A..EXAMPLE.COM', 'deny'],
      ['ann@A/B.EXAMPLE.COM', 'deny'],
      ['ann@*.EXAMPLE.COM', 'deny'],
    ]);
  });

  it('lets in anybody of the front where that is said, and nobody who is no user', async () => {
    const longest = 'x'.repeat(userCharactersMax);
    await outcomes({ anybody: true }, [
      ['ann', 'allow'],
      ['DOMAIN\\ann', 'allow'],
      [longest, 'allow'],
      [`${longest}x`, 'deny'],
      ['ann\n', 'deny'],
      ['a\u0085b', 'deny'],
    ]);
  });

  it('T04 says nothing where the front says nothing, so that no `not` lets anybody in', async () => {
    for (const options of [{ anybody: true }, { users: ['ann'] }, { realms: ['EXAMPLE.COM'] }]) {
      assert.deepEqual(await decide(options, undefined), { outcome: 'abstain' });
      assert.deepEqual(await decide(options, ''), { outcome: 'abstain' });
    }
  });

  it('names the setting that is wrong, and what would be right', () => {
    for (const [options, message] of [
      [{}, /^it has to say who: set users or realms, or anybody: true$/],
      [{ user: 'ann' }, /^it has no setting "user"; there are users, realms and anybody$/],
      [{ users: ['ann', ''] }, /^users\[1\] is empty$/],
      [{ users: ['a\nb'] }, /^users\[0\] has a control character$/],
      [{ users: ['x'.repeat(userCharactersMax + 1)] }, /^users\[0\] is over 1024 characters$/],
      [{ realms: ['a@EXAMPLE.COM'] }, /^realms\[0\] is no realm, as EXAMPLE\.COM, or "\*\.EX/],
      [{ realms: ['*EXAMPLE.COM'] }, /^realms\[0\] is no realm/],
      [{ realms: ['*.*.COM'] }, /^realms\[0\] is no realm/],
      [{ realms: ['EXAMPLE..COM'] }, /^realms\[0\] is no realm/],
      [{ realms: [''] }, /^realms\[0\] is no realm/],
      [{ anybody: true, realms: ['A'] }, /^anybody says it all: leave out users and realms/],
    ] as const) {
      assert.throws(() => plugin.parseOptions(options), { message });
    }
  });
});

describe('remote-user behind a front', () => {
  const directory = temporaryDirectory();
  const target = '/pulp/repos/acme/secret.txt';
  let trusting: TestApplication;
  let wary: TestApplication;

  before(async () => {
    writeTree(directory.file('root'), { 'secret.txt': 'the secret\n' });
    const root = directory.file('root');
    const distributions = [
      { relativeUrl: 'acme', root, access: { 'remote-user': { realms: ['EXAMPLE.COM'] } } },
      { relativeUrl: 'others', root, access: { not: { 'remote-user': { users: ['ann'] } } } },
    ];
    trusting = await startApplication({ distributions }, { trustRemoteUser: true });
    wary = await startApplication({ distributions });
  });
  after(async () => {
    await trusting[Symbol.asyncDispose]();
    await wary[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  const statusOf = async (application: TestApplication, more: VariablePairs, at = target) =>
    (await application.get(at, more)).status;

  it('T06 believes the parameter of a front that is trusted with it, and no header', async () => {
    assert.equal(await statusOf(trusting, [['REMOTE_USER', 'ann@EXAMPLE.COM']]), 200);
    assert.equal(await statusOf(trusting, [['REMOTE_USER', 'ann@OTHER.COM']]), 403);
    assert.equal(await statusOf(wary, [['REMOTE_USER', 'ann@EXAMPLE.COM']]), 403);
    for (const name of ['HTTP_REMOTE_USER', 'HTTP_X_REMOTE_USER', 'HTTP_X_FORWARDED_USER']) {
      assert.equal(await statusOf(trusting, [[name, 'ann@EXAMPLE.COM']]), 403, name);
    }
  });

  it('T60 lets nobody in by a `not` where the front named nobody', async () => {
    const others = '/pulp/repos/others/secret.txt';
    assert.equal(await statusOf(trusting, [['REMOTE_USER', 'bob']], others), 200);
    assert.equal(await statusOf(trusting, [['REMOTE_USER', 'ann']], others), 403);
    assert.equal(await statusOf(trusting, [['REMOTE_USER', '']], others), 403);
    assert.equal(await statusOf(trusting, [], others), 403);
    assert.equal(await statusOf(wary, [['REMOTE_USER', 'bob']], others), 403);
  });
});
