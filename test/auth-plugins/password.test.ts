import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { plugin } from '../../auth-plugins/password/index.ts';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import type { PasswordFile } from '../../src/plugin.ts';
import { testAuthorizer } from '../contracts/authorizer.ts';
import { accessRequest, evidence } from '../support/evidence.ts';
import { testServices } from '../support/services.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const never = new AbortController().signal;
const directory = temporaryDirectory();
after(() => directory[Symbol.dispose]());
before(async () => {
  const users = `ann:${await hashPassword('one')}\nbob:${await hashPassword('two')}\n`;
  writeFileSync(directory.file('users'), users);
});

testAuthorizer({
  plugin,
  options: () => ({ file: 'users', users: ['ann'] }),
  services: () => testServices(directory.path),
  wrongOptions: [
    { file: '' },
    { file: 5 },
    { file: 'users', users: [] },
    { file: 'users', users: 'ann' },
    { file: 'users', users: [''] },
    { file: 'users', roles: ['staff'] },
    { users: [] },
    { roles: [''] },
    { roles: ['x'.repeat(256)] },
    { users: Array.from({ length: 1001 }, (_, index) => `u${index}`) },
    { file: 'users', overPlainHttp: 'yes' },
  ],
});

describe('password', () => {
  const make = (options: unknown, services = testServices(directory.path)) =>
    Promise.try(() => plugin.create(plugin.parseOptions(options), services));
  const decide = async (options: unknown, user: string, password: string, secure = true) => {
    const request = accessRequest({ evidence: evidence({ basic: { user, password }, secure }) });
    return (await make(options)).authorize(request, never);
  };

  it('lets in who is in the file with the right password, for a minute', async () => {
    assert.deepEqual(await decide({ file: 'users' }, 'ann', 'one'), {
      outcome: 'allow',
      principal: { kind: 'basic', name: 'ann' },
      remember: { seconds: 60, scope: 'distribution' },
    });
  });

  it('denies with a reason for the log and a challenge for the client, and remembers no denial', async () => {
    const deny = (reason: string) => ({ outcome: 'deny', reason, challenge: 'basic' });
    const options = { file: 'users', users: ['ann'] };
    assert.deepEqual(await decide(options, 'ann', 'two'), deny('the password of "ann" is wrong'));
    assert.deepEqual(await decide(options, 'eve', 'one'), deny('there is no user "eve"'));
    assert.deepEqual(
      await decide(options, 'bob', 'two'),
      deny('the rule does not name the user "bob"'),
    );
    const nothing = await (await make(options)).authorize(accessRequest(), never);
    assert.deepEqual(nothing, deny('no user name and password were sent'));
  });

  it('T61 takes no passwords over plain HTTP, and asks for none, unless it is told to', async () => {
    assert.deepEqual(await decide({ file: 'users' }, 'ann', 'one', false), {
      outcome: 'deny',
      reason: 'passwords are not taken over plain HTTP',
    });
    const open = { file: 'users', overPlainHttp: true };
    assert.equal((await decide(open, 'ann', 'one', false)).outcome, 'allow');
    assert.equal((await decide(open, 'ann', 'two', false)).outcome, 'deny');
  });

  it('T47 verifies the password whoever the user is, before it says anything else', async () => {
    const asked: string[] = [];
    const passwords: PasswordFile = {
      users: new Set(['ann', 'bob']),
      verify: async ({ user }) => {
        asked.push(user);
        return { outcome: user === 'bob' ? 'right' : 'wrong' };
      },
    };
    const services = { ...testServices('/'), openPasswordFile: async () => passwords };
    const authorizer = await make({ file: 'users', users: ['ann'] }, services as never);
    for (const user of ['ann', 'bob', 'eve']) {
      const request = accessRequest({ evidence: evidence({ basic: { user, password: 'x' } }) });
      assert.equal((await authorizer.authorize(request, never)).outcome, 'deny');
    }
    assert.deepEqual(asked, ['ann', 'bob', 'eve']);
  });

  it('stops the start for a file that cannot be read, and a user who is not in it', async () => {
    await assert.rejects(make({ file: 'absent' }), { code: 'FILE_UNREADABLE', message: /absent/ });
    await assert.rejects(make({ file: 'users', users: ['ann', 'eve'] }), {
      message: /users names "eve", who is not in .*users/,
    });
    assert.throws(() => plugin.parseOptions({ file: 'users', user: 'x' }), {
      message: /no setting "user"; there are file, users, roles and overPlainHttp/,
    });
    assert.throws(() => plugin.parseOptions({}), {
      message: /it needs the setting file \(an htpasswd file\), or users or roles/,
    });
  });

  it('rejects, and so is a fault, when its signal is aborted', async () => {
    const authorizer = await make({ file: 'users' });
    const request = accessRequest({
      evidence: evidence({ basic: { user: 'ann', password: 'one' } }),
    });
    const signal = AbortSignal.abort(new Error('the time limit'));
    await assert.rejects(
      Promise.try(() => authorizer.authorize(request, signal)),
      /the time limit/,
    );
  });
});
