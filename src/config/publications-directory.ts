/** Where publications lie, for fronts, which know no storage. */

import path from 'node:path';
import type { Configuration } from './configuration.ts';

export function publicationsDirectory({ storage }: Pick<Configuration, 'storage'>): string {
  return path.join(storage.directory, 'publications');
}
