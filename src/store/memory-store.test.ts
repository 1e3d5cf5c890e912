import { MemoryStore } from './memory-store.ts';
import { storeSuite } from './store.testsuite.ts';

storeSuite('MemoryStore', async () => new MemoryStore());
