/** A directory for SQLite stores. */

import type { StoreHost } from '../../contracts/store-fixture.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

export async function sqliteHost(): Promise<StoreHost> {
  const directory = temporaryDirectory();
  let count = 0;
  return {
    settings: () => {
      count += 1;
      return { type: 'sqlite', file: directory.file(`store-${count}.db`) };
    },
    [Symbol.asyncDispose]: async () => directory[Symbol.dispose](),
  };
}
