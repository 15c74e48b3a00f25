/** Pastes the lines by which a repository is made, filled, published, read and taken back. */

import assert from 'node:assert/strict';
import { needs } from '../../support/needs.ts';
import { until } from '../../support/processes.ts';
import { type Sample, trial } from './sample.ts';

/** Each look starts a program or two, on a machine that may have much else to do. */
const untilMsMax = 60_000;

export async function tryPublishing(
  sample: Sample,
  paste: (says: RegExp) => Promise<string>,
): Promise<void> {
  if (needs('dnf', 'rpm', 'createrepo_c')) return;
  await paste(/^The administrator makes a repository/);
  assert.match(await paste(/^uploads a package/), /uploaded and imported$/m);
  assert.match(await paste(/^and another one/), /uploaded and imported$/m);
  await paste(/^and has the configuration of a client written/);
  // dnf writes its progress there too.
  const listed = async () =>
    (await paste(/^A second later dnf finds that one alone/)).match(/^hello-.+$/gm) ?? [];
  await until('dnf finds both', async () => (await listed()).length === 2, untilMsMax);
  await paste(/^dnf (lists what is in it|installs from it)/);

  await paste(/^The administrator makes a token/);
  const isLetIn = async () => (await paste(/^A second later it lets the customer in/)) === '200\n';
  await until('the token lets in', isLetIn, untilMsMax);
  assert.equal(await paste(/^A link lets in/), '200\n');
  const refused = await sample.paste(trial(sample, /^Why is the stranger refused there/));
  assert.equal(refused.code, 1, refused.stderr);
  assert.match(refused.stdout.toString(), /policy entitled \(deny\)/);

  await paste(/^The administrator goes back/);
  const isBack = async () => (await listed()).join() === 'hello-portcullis-0:1.0-1.noarch';
  await until('dnf finds the first package alone', isBack, untilMsMax);
}
