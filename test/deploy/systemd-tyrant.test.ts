import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { needs, needsRoot } from '../support/needs.ts';
import { portcullisProgram } from '../support/portcullis.ts';
import { stop, until } from '../support/processes.ts';
import { shipped } from '../support/shipped.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { readUnit, settingOf } from '../support/unit-file.ts';

/** nobody, on every system. */
const user = 65_534;

const dropIn = readUnit(shipped('systemd/portcullis-emperor.service.d/tyrant.conf'));

function needsReadableCheckout(): string | false {
  const asUser = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--'];
  const read = ['test', '-r', portcullisProgram, '-a', '-x', process.execPath];
  const { status } = spawnSync('setpriv', [...asUser, ...read]);
  return status !== 0 && 'other users cannot read this checkout';
}

describe('deploy/systemd, the tyrant', () => {
  const skip = needs('setpriv') || needsRoot() || needsReadableCheckout();

  it('deploy/systemd: what root keeps is enough to run and end what belongs to another user', {
    skip,
  }, async () => {
    using directory = temporaryDirectory();
    const socket = directory.file('sockets/content.sock');
    for (const name of ['vassals', 'sockets', 'repos']) mkdirSync(directory.file(name));
    chownSync(directory.file('sockets'), user, user);
    const vassal = directory.file('vassals/blog.yaml');
    const configuration = {
      workers: 1,
      listen: { uwsgi: { address: `unix:${socket}` } },
      distributions: [{ relativeUrl: 'keys', root: directory.file('repos'), access: 'public' }],
    };
    writeFileSync(vassal, JSON.stringify(configuration));
    chmodSync(vassal, 0o600);
    chownSync(vassal, user, user);

    const kept = settingOf(dropIn, 'CapabilityBoundingSet').split(' ');
    const set = ['-all', ...kept.map((name) => `+${name.replace('CAP_', '').toLowerCase()}`)];
    const emperor = ['emperor', '--tyrant', directory.file('vassals')];
    const child = spawn(
      'setpriv',
      [
        ...[`--bounding-set=${set.join()}`, '--inh-caps=-all', '--no-new-privs', '--'],
        ...[process.execPath, portcullisProgram, ...emperor],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    await using stack = new AsyncDisposableStack();
    stack.defer(() => stop(child));
    await until('the vassal serves', () => existsSync(socket), 60_000);
    assert.equal(statSync(socket).uid, user);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    assert.ok(!existsSync(socket), 'the vassal has ended before');
  });
});
