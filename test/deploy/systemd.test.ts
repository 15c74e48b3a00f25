import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { loadRight } from '../config/support.ts';
import { needs } from '../support/needs.ts';
import { run } from '../support/processes.ts';
import { shipped } from '../support/shipped.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { readUnit, settingOf, settingsOf } from '../support/unit-file.ts';

const program = '/usr/local/bin/portcullis';
const service = readUnit(shipped('systemd/portcullis.service'));
const template = readUnit(shipped('systemd/portcullis@.service'));
const emperor = readUnit(shipped('systemd/portcullis-emperor.service'));
const tyrant = 'portcullis-emperor.service.d/tyrant.conf';

/** Those that are nobody’s but portcullis’s. */
const services = ['portcullis.service', 'portcullis@blog.service', 'portcullis-emperor.service'];

/** What systemd has to say of a unit whose exposure is above `max`; nothing when it is not. */
async function rate(unit: string, max: number): Promise<string> {
  const rating = ['security', '--offline=true', '--no-pager', `--threshold=${max * 10}`];
  const { code, stdout, stderr } = await run('systemd-analyze', [...rating, unit]);
  return code === 0 ? '' : `${stdout}${stderr}`;
}

/** A directory with the units as they are installed, but for the program, which is not there. */
function installedUnits() {
  const directory = temporaryDirectory();
  mkdirSync(directory.file('bin'));
  const command = directory.file('bin/portcullis');
  writeFileSync(command, '#!/bin/sh\n', { mode: 0o755 });
  for (const [name, installed] of [
    ['portcullis.service', 'portcullis.service'],
    ['portcullis@.service', 'portcullis@blog.service'],
    ['portcullis-emperor.service', 'portcullis-emperor.service'],
    ['portcullis-emperor.service', 'portcullis-tyrant.service'],
    [tyrant, 'portcullis-tyrant.service.d/tyrant.conf'],
  ] as const) {
    mkdirSync(path.dirname(directory.file(installed)), { recursive: true });
    writeFileSync(directory.file(installed), shipped(`systemd/${name}`, { [program]: command }));
  }
  writeFileSync(directory.file('portcullis.socket'), shipped('systemd/portcullis.socket'));
  return directory;
}

describe('deploy/systemd', { skip: needs('systemd-analyze') }, () => {
  for (const unit of [...services, 'portcullis-tyrant.service', 'portcullis.socket']) {
    it(`deploy/systemd: systemd finds nothing wrong with ${unit}`, async () => {
      using units = installedUnits();
      const check = ['verify', '--man=no', '--recursive-errors=yes', units.file(unit)];
      const { code, stderr } = await run('systemd-analyze', check);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    });
  }

  it('deploy/systemd: systemd rates the exposure of the services at 2.0 or below, and that of a tyrant at 2.5', async () => {
    using units = installedUnits();
    for (const unit of services) {
      assert.equal(await rate(units.file(unit), 2), '');
    }
    assert.equal(await rate(units.file('portcullis-tyrant.service'), 2.5), '');
  });

  it('deploy/systemd: the units are told apart by names alone', () => {
    const names = ['Description', 'ExecStart', 'ExecReload', 'RuntimeDirectory', 'LogsDirectory'];
    const common = (unit: typeof service) => unit.filter(([key]) => !names.includes(key));
    assert.ok(common(service).length > 40);
    assert.deepEqual(common(template), common(service));
    const differing = [...names, 'Type', 'NotifyAccess', 'WatchdogSec', 'TimeoutStartSec'];
    const others = (unit: typeof service) =>
      unit.filter(([key]) => !differing.includes(key) && key !== 'Documentation');
    assert.deepEqual(others(emperor), others(service));
    assert.deepEqual(
      settingsOf(template, 'ExecReload').map((line) => line.replace(/ --config \S+/, '')),
      settingsOf(service, 'ExecReload'),
    );
  });

  it('deploy/systemd: the store, the session CA and the storage lie in the state directory, which nobody else lists', async () => {
    const { store, api, storage } = await loadRight('');
    for (const unit of [service, template, emperor]) {
      const directory = `/var/lib/${settingOf(unit, 'StateDirectory')}`;
      assert.equal(settingOf(unit, 'StateDirectoryMode'), '0710');
      for (const file of [store.file, api.sessionCertificate, api.sessionKey, storage.directory]) {
        assert.equal(path.dirname(file), directory);
      }
    }
  });

  it('deploy/systemd: what is wrong for good is not tried again', () => {
    assert.equal(
      settingOf(service, 'RestartPreventExitStatus'),
      `${exitCodes.usage} ${exitCodes.configuration}`,
    );
    assert.equal(settingOf(service, 'Restart'), 'on-failure');
  });

  it('deploy/systemd: the socket is nobody else’s, and not in a directory of the service', () => {
    const socket = readUnit(shipped('systemd/portcullis.socket'));
    assert.equal(settingOf(socket, 'SocketMode'), '0660');
    const directory = `/run/${settingOf(service, 'RuntimeDirectory')}/`;
    assert.ok(!settingOf(socket, 'ListenStream').startsWith(directory));
  });
});
