import { UnsupportedError } from '../../src/errors.ts';
import { indexedDbSource, openTuningDatabase } from '../../src/tuning/indexedDb.ts';
import type { TuningStore } from './store.ts';

/**
 * The origin's database in a browser, which `openDevice()` reads.
 *
 * @throws UnsupportedError where there is no IndexedDB, and what IndexedDB throws where the browser does not let the page have it
 */
export async function openIndexedDbStore(): Promise<TuningStore> {
  if (!('indexedDB' in globalThis)) {
    throw new UnsupportedError('tuned records are kept in IndexedDB, which there is none of here');
  }
  const database = await openTuningDatabase();
  return {
    source: indexedDbSource,

    async replaceRecords(gpu, change) {
      const { store, done } = database.transaction('records', 'readwrite');
      await store.put(change(await store.get(gpu)), gpu);
      await done;
    },

    async readEntries(gpu) {
      const rows = await database.getAllFromIndex('unfinished', 'gpu', gpu);
      return rows.map(({ entry }) => entry);
    },

    async appendEntry(gpu, entry) {
      await database.add('unfinished', { gpu, entry });
    },

    async replaceEntries(gpu, entries) {
      const { store, done } = database.transaction('unfinished', 'readwrite');
      for (const key of await store.index('gpu').getAllKeys(gpu)) await store.delete(key);
      for (const entry of entries) await store.add({ gpu, entry });
      await done;
    },

    beforeEnd(leave) {
      globalThis.addEventListener('pagehide', leave);
      return () => globalThis.removeEventListener('pagehide', leave);
    },

    [Symbol.dispose]: () => database.close(),
  };
}
