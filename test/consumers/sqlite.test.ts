import type { StoreContract } from '../contracts/store-fixture.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { testConsumerRule } from './test-consumer-rule.ts';

const contract: StoreContract = { name: 'sqlite', skip: false, host: sqliteHost };
testConsumerRule(contract, true);
