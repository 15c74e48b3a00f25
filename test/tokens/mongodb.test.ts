import type { StoreContract } from '../contracts/store-fixture.ts';
import { mongodbHost } from '../stores/mongodb/host.ts';
import { needsMongodb } from '../support/mongodb.ts';
import { testCustomerTokens } from './test-customer-tokens.ts';
import { testTokens } from './test-tokens.ts';

const contract: StoreContract = { name: 'mongodb', skip: needsMongodb(), host: mongodbHost };
testTokens(contract);
testCustomerTokens(contract);
