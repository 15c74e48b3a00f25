import { testStoreCrash } from '../../contracts/store-crash.ts';
import { needsMongodb } from '../../support/mongodb.ts';
import { mongodbHost } from './host.ts';

testStoreCrash({ name: 'mongodb', skip: needsMongodb(), host: mongodbHost });
