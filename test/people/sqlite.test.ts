import { sqliteHost } from '../stores/sqlite/host.ts';
import { testDeniedCertificates } from './test-denied-certificates.ts';

testDeniedCertificates({ name: 'sqlite', skip: false, host: sqliteHost });
