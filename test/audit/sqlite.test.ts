import { sqliteHost } from '../stores/sqlite/host.ts';
import { testAudit } from './contract.ts';

testAudit({ name: 'sqlite', skip: false, host: sqliteHost });
