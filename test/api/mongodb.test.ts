import { mongodbHost } from '../stores/mongodb/host.ts';
import { needsMongodb } from '../support/mongodb.ts';
import { testApi } from './contract.ts';

testApi({ name: 'mongodb', skip: needsMongodb(), host: mongodbHost });
