import { readFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import type { ClientCredentials, Connection } from './connection.ts';

const reloadEvery = 60_000;

/** The bearer token as it is now; undefined where there is none. Rejects when its file can't be read. */
export async function currentToken({ token, tokenFile }: ClientCredentials): Promise<string | undefined> {
  return tokenFile === undefined ? token : (await readFile(tokenFile, 'utf8')).trim();
}

/** The bearer token of a connection, read again from its file every minute; undefined when it has none. */
export function tokenSource(connection: Connection, clock: Clock): () => Promise<string | undefined> {
  const { tokenFile } = connection;
  if (tokenFile === undefined) return () => Promise.resolve(connection.token);
  let token: string | undefined;
  let readAt = -Infinity;
  return async () => {
    if (clock.monotonic() - readAt < reloadEvery) return token;
    try {
      token = await currentToken(connection);
      readAt = clock.monotonic();
    } catch (error) {
      // A file that is being replaced must not break requests while the old token still holds.
      if (token === undefined) throw error;
    }
    return token;
  };
}
