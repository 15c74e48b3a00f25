import { mongodbHost } from '../stores/mongodb/host.ts';
import { needsOwnMongodb } from '../support/mongodb.ts';
import { type MovableHost, testStoredAccess } from './stored-access.ts';

testStoredAccess({ name: 'mongodb', skip: needsOwnMongodb(), host: killableServer });

async function killableServer(): Promise<MovableHost> {
  const host = await mongodbHost();
  return {
    settings: host.settings(),
    leave: () => host.server.kill(),
    comeBack: () => host.server.start(),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
