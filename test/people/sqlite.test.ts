import type { StoreContract } from '../contracts/store-fixture.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { testDeniedCertificates } from './test-denied-certificates.ts';
import { testStoredRules } from './test-stored-rules.ts';

const contract: StoreContract = { name: 'sqlite', skip: false, host: sqliteHost };
testDeniedCertificates(contract);
testStoredRules(contract, true);
