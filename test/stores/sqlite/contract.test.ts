import { testStore } from '../../contracts/store.ts';
import { sqliteHost } from './host.ts';

testStore({ name: 'sqlite', skip: false, host: sqliteHost });
