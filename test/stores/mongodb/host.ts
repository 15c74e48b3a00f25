/** A server for MongoDB stores, each in a database of its own. */

import type { StoreHost } from '../../contracts/store-fixture.ts';
import { type MongodbServer, startMongodb } from '../../support/mongodb.ts';

export async function mongodbHost(): Promise<StoreHost & { readonly server: MongodbServer }> {
  const server = await startMongodb();
  return {
    server,
    settings: () => ({ type: 'mongodb', url: server.newDatabase() }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
