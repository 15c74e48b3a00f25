import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { runCommand } from './program.ts';
import { startAdminServer } from './server.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('portcullis-admin and who calls', () => {
  it('portcullis-admin calls with the user and password of the files, and offers no certificate', async () => {
    await using server = await startAdminServer();
    const { certificate, key } = await server.pki.client(server.ca, {
      subject: '/CN=admin:admin:5f00',
    });
    writeFileSync(server.settings.sessionFile, `${key}${certificate}`);
    server.answer = () => ({ status: 200, body: [] });
    const settings = { ...server.settings, username: 'joe', password: 'from file' };
    await runCommand(['auth', 'user', 'list'], settings);
    await runCommand(['-u', 'joe', 'auth', 'user', 'list'], settings);
    await runCommand(['-u', 'eve', '-p', 'hers', 'auth', 'user', 'list'], settings);
    await runCommand(['auth', 'user', 'list'], { ...settings, password: undefined });
    await runCommand(['status'], settings);
    assert.deepEqual(
      server.asked.map(({ authorization, certificate: name }) => [authorization, name]),
      [
        [basic('joe:from file'), undefined],
        [basic('joe:from file'), undefined],
        [basic('eve:hers'), undefined],
        [undefined, 'admin:admin:5f00'],
        [undefined, undefined],
      ],
    );
  });
});
