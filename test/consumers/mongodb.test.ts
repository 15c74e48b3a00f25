import type { StoreContract } from '../contracts/store-fixture.ts';
import { mongodbHost } from '../stores/mongodb/host.ts';
import { needsMongodb } from '../support/mongodb.ts';
import { testConsumerRule } from './test-consumer-rule.ts';

const contract: StoreContract = { name: 'mongodb', skip: needsMongodb(), host: mongodbHost };
testConsumerRule(contract, false);
