import { mongodbHost } from '../stores/mongodb/host.ts';
import { needsMongodb } from '../support/mongodb.ts';
import { testAudit } from './contract.ts';

testAudit({ name: 'mongodb', skip: needsMongodb(), host: mongodbHost });
