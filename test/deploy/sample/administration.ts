/** Pastes the lines of portcullis-admin, one after the other, as a person would. */

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, statSync } from 'node:fs';
import { until } from '../../support/processes.ts';
import { tryPublishing } from './publishing.ts';
import { type Checkout, type Sample, trial } from './sample.ts';

/** Each look starts a program or two, on a machine that may have much else to do. */
const untilMsMax = 60_000;

export async function tryAdministration(checkout: Checkout, sample: Sample): Promise<void> {
  const paste = async (says: RegExp): Promise<string> => {
    const { code, stdout, stderr } = await sample.paste(trial(sample, says));
    assert.equal(code, 0, `${says}\n${stdout}${stderr}`);
    return stdout.toString();
  };
  assert.match(await paste(/^Is the server at work/), /^ +Connected: +true$/m);
  assert.match(await paste(/^The administrator logs in/), /^Successfully logged in\. /m);
  assert.match(await paste(/^Who are the users/), /^admin /m);
  await paste(/^The administrator makes a user/);
  await paste(/^and a role/);
  await paste(/^and gives it to alice/);
  const isLetIn = async () => (await paste(/alice is let in/)) === '200\n';
  await until('alice is let in', isLetIn, untilMsMax);
  assert.equal(await paste(/^and so is the administrator/), '200\n');

  await tryPublishing(sample, paste);

  const session = checkout.file('var/user-cert.pem');
  assert.equal(statSync(session).mode & 0o777, 0o600);
  copyFileSync(session, checkout.file('var/copy.pem'));
  await paste(/^The session ends/);
  assert.equal(existsSync(session), false);
  const line = trial(sample, /^and so is the administrator/);
  const copied = line.replace('var/user-cert.pem', 'var/copy.pem');
  const isRefused = async () => (await sample.paste(copied)).stdout.toString() === '401\n';
  await until('a copy of the session is refused', isRefused, untilMsMax);
}
