import { testStore } from '../../contracts/store.ts';
import { needsMongodb } from '../../support/mongodb.ts';
import { mongodbHost } from './host.ts';

testStore({ name: 'mongodb', skip: needsMongodb(), host: mongodbHost });
