/** A process for the crash test: writes to the store named by its argument, and prints each write once acknowledged. */
import { openSqliteStore } from '../sqlite-store.ts';

const store = await openSqliteStore({ path: process.argv[2] ?? '' });
const run = process.argv[3] ?? '';

async function writer(lane: number): Promise<void> {
  for (let i = 0; ; i++) {
    const key = `/${run}/${lane}/${i}`;
    const revision = await store.create(key, new TextEncoder().encode(key));
    process.stdout.write(`${revision} ${key}\n`);
    if (i % 3 === 0) process.stdout.write(`${await store.delete(key)} -${key}\n`);
  }
}

await Promise.all([0, 1, 2, 3].map(writer));
