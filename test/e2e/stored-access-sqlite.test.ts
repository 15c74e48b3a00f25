import { movableFile } from './movable-stores.ts';
import { testStoredAccess } from './stored-access.ts';

testStoredAccess({ name: 'sqlite', skip: false, host: movableFile });
