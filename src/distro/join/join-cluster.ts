import { generateKeyPairSync } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { hasReason, messageOf } from '../../base/errors.ts';
import { createHttpClient } from '../../client/http-client.ts';
import type { Connection } from '../../client/connection.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { certificatesIn } from '../pki/authority-bundle.ts';
import { caHash } from './cluster-token.ts';
import type { NodeToken } from './cluster-token.ts';
import { caPath, joinPath } from './join-protocol.ts';
import type { JoinAnswer } from './join-protocol.ts';

/** Who joins what. */
export interface JoinOptions {
  /** API servers to ask, one after the other, as `host:port`. */
  readonly servers: readonly string[];
  readonly token: NodeToken;
  readonly nodeName: string;
  readonly address: string;
  /** Names of the certificates that the node needs. */
  readonly certificates: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Says why it takes long. */
  note(text: string): void;
}

/** What a node has when it has joined. */
export interface Joined extends Pick<JoinAnswer, 'settings' | 'servers'> {
  /** The authority's certificate. */
  readonly ca: string;
  readonly pairs: Readonly<Record<string, KeyPair>>;
}

const patienceMs = 120_000;
const pauseMs = 500;
const timeout = 10_000;

/**
 * Joins the cluster of one of the servers; waits for it when none answers yet. The token says which cluster it is: a
 * server that shows another authority is not believed, and learns nothing. Throws UsageError when it is refused.
 */
export async function joinCluster(options: JoinOptions): Promise<Joined> {
  const { servers, clock, signal, note } = options;
  const deadline = clock.monotonic() + patienceMs;
  for (;;) {
    let failure = '';
    for (const server of servers) {
      try {
        return await joinAt(server, options);
      } catch (error) {
        if (error instanceof UsageError || signal.aborted) throw error;
        failure = `${server}: ${messageOf(error)}`;
      }
    }
    note(failure);
    if (clock.monotonic() > deadline)
      throw new UsageError(`the cluster could not be joined: ${failure}; --server names one of its API servers`);
    await clock.sleep(pauseMs, signal);
  }
}

async function joinAt(server: string, options: JoinOptions): Promise<Joined> {
  const url = `https://${server}`;
  const shown = await text({ servers: [url], insecureSkipVerify: true }, { path: caPath });
  const known = certificatesIn(shown).find((certificate) => caHash(certificate) === options.token.caHash);
  if (known === undefined) {
    throw new UsageError(
      `${server} has another authority than the token says: it is not an API server of the cluster that the token is of`,
    );
  }
  // There may be two while one replaces the other: they are learned from a server that has proved itself.
  const ca = await text({ servers: [url], ca: known }, { path: caPath });
  const keys = Object.fromEntries(options.certificates.map((name) => [name, createKey()]));
  const { nodeName, address } = options;
  const publicKeys = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, key.publicKey]));
  const answer = await post(
    { servers: [url], ca, token: options.token.secret },
    JSON.stringify({ nodeName, address, keys: publicKeys }),
  );
  const pairs = Object.fromEntries(
    Object.entries(keys).map(([name, { key }]) => [name, { key, certificate: answer.certificates[name] ?? '' }]),
  );
  return { ca, pairs, settings: answer.settings, servers: answer.servers };
}

async function post(connection: Connection, body: string): Promise<JoinAnswer> {
  try {
    return JSON.parse(await text(connection, { method: 'POST', path: joinPath, body })) as JoinAnswer;
  } catch (error) {
    if (!hasReason(error, 'Unauthorized', 'BadRequest', 'Conflict')) throw error;
    throw new UsageError(`the cluster does not let this node in: ${messageOf(error)}`, { cause: error });
  }
}

async function text(
  connection: Connection,
  request: { readonly method?: string; readonly path: string; readonly body?: string },
): Promise<string> {
  await using client = createHttpClient(connection, { timeout });
  // Awaited here: the client must live until then.
  return await client.text(request);
}

function createKey(): { readonly key: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  };
}
