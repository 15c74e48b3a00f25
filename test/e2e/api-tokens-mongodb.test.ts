import { mongodbHost } from '../stores/mongodb/host.ts';
import { needsMongodb } from '../support/mongodb.ts';
import { testApiTokens } from './api-tokens.ts';

testApiTokens({ name: 'mongodb', skip: needsMongodb(), host: mongodbHost });
