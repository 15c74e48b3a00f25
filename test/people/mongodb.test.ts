import { mongodbHost } from '../stores/mongodb/host.ts';
import { needsMongodb } from '../support/mongodb.ts';
import { testDeniedCertificates } from './test-denied-certificates.ts';

testDeniedCertificates({ name: 'mongodb', skip: needsMongodb(), host: mongodbHost });
