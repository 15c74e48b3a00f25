import type { StoreContract } from '../contracts/store-fixture.ts';
import { mongodbHost } from '../stores/mongodb/host.ts';
import { needsMongodb } from '../support/mongodb.ts';
import { testDeniedCertificates } from './test-denied-certificates.ts';
import { testStoredRules } from './test-stored-rules.ts';

const contract: StoreContract = { name: 'mongodb', skip: needsMongodb(), host: mongodbHost };
testDeniedCertificates(contract);
testStoredRules(contract, false);
