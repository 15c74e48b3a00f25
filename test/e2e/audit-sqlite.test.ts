import { sqliteHost } from '../stores/sqlite/host.ts';
import { testAuditOfWorkers } from './audit.ts';

testAuditOfWorkers({ name: 'sqlite', skip: false, host: sqliteHost });
