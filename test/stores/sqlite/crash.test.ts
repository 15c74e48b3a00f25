import { testStoreCrash } from '../../contracts/store-crash.ts';
import { sqliteHost } from './host.ts';

testStoreCrash({ name: 'sqlite', skip: false, host: sqliteHost });
