import { needs } from '../support/needs.ts';
import { movableFile } from './movable-stores.ts';
import { testTokens } from './tokens.ts';

testTokens({ name: 'sqlite', skip: needs('nginx', 'openssl'), host: movableFile });
