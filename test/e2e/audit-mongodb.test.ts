import { mongodbHost } from '../stores/mongodb/host.ts';
import { needsMongodb } from '../support/mongodb.ts';
import { testAuditOfWorkers } from './audit.ts';

testAuditOfWorkers({ name: 'mongodb', skip: needsMongodb(), host: mongodbHost });
