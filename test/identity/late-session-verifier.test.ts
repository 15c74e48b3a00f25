import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  openLateSessionVerifier,
  sharedMilliseconds,
  shareSessionVerifier,
} from '../../src/identity/late-session-verifier.ts';
import { openSessionAuthority } from '../../src/identity/session-authority.ts';
import { createLogger } from '../../src/log.ts';
import { presented } from '../support/stored-people.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const now = () => new Date();
const holder = { kind: 'user', login: 'ann', id: '0'.repeat(24) } as const;

describe('openLateSessionVerifier', () => {
  it('openLateSessionVerifier fails until the CA is there, and then verifies', async () => {
    using directory = temporaryDirectory();
    const [certificateFile, keyFile] = [directory.file('ca.pem'), directory.file('ca.key')];
    const lines: string[] = [];
    const log = createLogger({ level: 'warn', write: (line) => lines.push(line) });
    const verifier = await openLateSessionVerifier(certificateFile, { now, log });
    assert.match(lines.join(), /The CA of sessions is not there yet/);
    const nobody = { der: new Uint8Array(), intermediates: [] };
    await assert.rejects(verifier.verify(nobody), { code: 'FILE_UNREADABLE' });
    const authority = await openSessionAuthority({ certificateFile, keyFile }, { now, log });
    const { certificate } = await authority.issue(holder, 60);
    const verdict = await verifier.verify(presented(certificate));
    assert.deepEqual(verdict.valid && verdict.holder, holder);
    assert.equal((await verifier.verify(nobody)).valid, false);
  });

  it('openLateSessionVerifier refuses at once a file that is there and no CA', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('ca.pem');
    writeFileSync(file, 'nonsense');
    const log = createLogger({ level: 'error', write: () => {} });
    await assert.rejects(openLateSessionVerifier(file, { now, log }), { code: 'FILE_UNREADABLE' });
  });
});

it('shareSessionVerifier opens one for all who ask within its time, and tries again what failed', async () => {
  let opened = 0;
  let at = 0;
  let isBroken = false;
  const open = async () => {
    opened += 1;
    if (isBroken) throw new Error('broken');
    return { verify: async () => ({ valid: false as const, reason: `opened ${opened}` }) };
  };
  const share = shareSessionVerifier(open, () => at);
  await Promise.all(Array.from({ length: 1000 }, share));
  at = sharedMilliseconds - 1;
  await share();
  assert.equal(opened, 1);
  at = sharedMilliseconds;
  isBroken = true;
  await assert.rejects(share(), /broken/);
  isBroken = false;
  await share();
  assert.equal(opened, 3);
});
