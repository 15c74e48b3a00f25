import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { openLateSessionVerifier } from '../../src/identity/late-session-verifier.ts';
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
