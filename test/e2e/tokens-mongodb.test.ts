import { needsOwnMongodb } from '../support/mongodb.ts';
import { needs } from '../support/needs.ts';
import { killableServer } from './movable-stores.ts';
import { testTokens } from './tokens.ts';

const skip = needs('nginx', 'openssl') || needsOwnMongodb();
testTokens({ name: 'mongodb', skip, host: killableServer });
