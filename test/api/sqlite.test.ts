import { sqliteHost } from '../stores/sqlite/host.ts';
import { testApi } from './contract.ts';

testApi({ name: 'sqlite', skip: false, host: sqliteHost });
