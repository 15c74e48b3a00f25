/** Playing requests for tests of the API: real policies over a real directory. */

import { writeFileSync } from 'node:fs';
import type { ApiParts } from '../../src/api/parts.ts';
import { hashPassword } from '../../src/identity/bcrypt.ts';
import type { Logger } from '../../src/log.ts';
import { createApiPreview } from '../../src/work/api-play.ts';
import { openContent } from '../../src/work/content-parts.ts';
import { createControlPlane } from '../../src/work/control-plane.ts';
import { createPlay } from '../../src/work/play.ts';
import { configurationIn } from '../support/administered.ts';
import type { TemporaryDirectory } from '../support/temporary.ts';

/** Of `alice`, who may read what lies below {@link guarded}. */
export const alicePassword = 'wonderland';

export const open = '/pulp/repos/open/file.txt';
export const guarded = '/pulp/repos/guarded/file.txt';

/** @param opened gets what has to be closed in the end */
export async function openTestPlay(
  directory: TemporaryDirectory,
  log: Logger,
  opened: AsyncDisposableStack,
): Promise<Pick<ApiParts, 'play' | 'preview'>> {
  writeFileSync(directory.file('users'), `alice:${await hashPassword(alicePassword)}\n`);
  writeFileSync(directory.file('file.txt'), 'content');
  const configuration = await configurationIn(directory, {
    distributions: [
      { relativeUrl: 'open', root: directory.path, access: 'public' },
      { relativeUrl: 'guarded', root: directory.path, access: { password: { file: 'users' } } },
    ],
  });
  const controlPlane = opened.use(createControlPlane(configuration, 'read'));
  const parts = { configuration, log, now: () => new Date(), controlPlane, observe: () => {} };
  const content = await openContent(parts, opened);
  return {
    play: createPlay(configuration, content),
    preview: createApiPreview({ configuration, content: { open: async () => content } }),
  };
}
