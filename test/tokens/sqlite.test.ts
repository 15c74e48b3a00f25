import type { StoreContract } from '../contracts/store-fixture.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { testCustomerTokens } from './test-customer-tokens.ts';
import { testTokens } from './test-tokens.ts';

const contract: StoreContract = { name: 'sqlite', skip: false, host: sqliteHost };
testTokens(contract);
testCustomerTokens(contract);
