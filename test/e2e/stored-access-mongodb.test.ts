import { needsOwnMongodb } from '../support/mongodb.ts';
import { killableServer } from './movable-stores.ts';
import { testStoredAccess } from './stored-access.ts';

testStoredAccess({ name: 'mongodb', skip: needsOwnMongodb(), host: killableServer });
