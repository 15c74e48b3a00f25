import { sqliteHost } from '../stores/sqlite/host.ts';
import { testApiTokens } from './api-tokens.ts';

testApiTokens({ name: 'sqlite', skip: false, host: sqliteHost });
