import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { Node } from '../../api/core/node.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import type { Exchange } from '../../apiserver/http/exchange.ts';
import { sendError, asStatusError } from '../../apiserver/http/responses.ts';
import type { Clock } from '../../base/clock.ts';
import { StatusError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { serversIn } from '../../client/balancer/follow-servers.ts';
import type { Client } from '../../client/client.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { signerOf } from '../pki/authority-bundle.ts';
import { nodeCertificates } from '../pki/needed-certificates.ts';
import { pkiFiles, readPair, validityDays } from '../pki/cluster-pki.ts';
import { isNodeSecret } from './cluster-token.ts';
import { checkJoinClaims } from './join-claims.ts';
import { caPath, joinPath } from './join-protocol.ts';
import type { JoinAnswer, JoinRequest } from './join-protocol.ts';
import type { SharedSettings } from './shared-data.ts';

/** What a server needs to let nodes join. */
export interface JoinHandlerOptions {
  readonly pki: string;
  readonly clusterToken: string;
  readonly settings: SharedSettings;
  /** May read EndpointSlices and Nodes. */
  readonly client: Client;
  /** This server, as `host:port`. */
  readonly server: string;
  readonly clock: Clock;
  readonly log: Logger;
}

const bodyLimit = 64 * 1024;

/** Answers nodes that want to join, beside the API. Returns whether the request was one of them. */
export function joinHandler(options: JoinHandlerOptions): (exchange: Exchange) => boolean {
  return (exchange) => {
    if (exchange.target === caPath && exchange.method === 'GET') {
      const ca = readFileSync(pkiFiles(options.pki).ca.certificate, 'utf8');
      exchange.respond(200, { 'content-type': 'application/x-pem-file' }, ca);
      return true;
    }
    if (exchange.target !== joinPath || exchange.method !== 'POST') return false;
    join(exchange, options).then(
      (answer) => exchange.respond(200, { 'content-type': 'application/json' }, JSON.stringify(answer)),
      (error: unknown) => sendError(exchange, asStatusError(error)),
    );
    return true;
  };
}

async function join(exchange: Exchange, options: JoinHandlerOptions): Promise<JoinAnswer> {
  const secret = /^Bearer (.+)$/.exec(exchange.headers.authorization ?? '')?.[1] ?? '';
  if (!isNodeSecret(secret, options.clusterToken))
    throw new StatusError('Unauthorized', 'the token is not that of nodes of this cluster');
  const request = parseRequest((await exchange.body(bodyLimit)).toString('utf8'));
  const known = await servers(options);
  const { clusterCIDR, serviceCIDR } = options.settings;
  checkJoinClaims(
    { ...request, remoteAddress: exchange.remoteAddress },
    {
      nodes: (await options.client.list(Node)).items,
      foreignNetworks: [clusterCIDR, serviceCIDR],
      servers: [...known, options.server].map((server) => server.slice(0, server.lastIndexOf(':'))),
    },
  );
  const certificates = await certify(request, options);
  options.log.info('A node joins', { node: request.nodeName, address: request.address });
  return { certificates, settings: options.settings, servers: known };
}

async function certify(
  { nodeName: name, address, keys }: JoinRequest,
  { pki, clock }: JoinHandlerOptions,
): Promise<Readonly<Record<string, string>>> {
  const { certifyKey } = await import('../../machinery/x509/certificate-authority.ts');
  const authority = signerOf(readPair(pkiFiles(pki).ca));
  const entries = nodeCertificates({ name, address }).map(async (needed) => {
    const key = keys[needed.name];
    if (key === undefined) throw new StatusError('BadRequest', `there is no key for ${needed.name}`);
    const request = { ...needed.request, now: clock.now(), days: validityDays };
    try {
      return [needed.name, await certifyKey(authority, request, Uint8Array.from(Buffer.from(key, 'base64')))] as const;
    } catch (error) {
      throw new StatusError('BadRequest', `the key for ${needed.name} is no P-256 key`, { cause: error });
    }
  });
  return Object.fromEntries(await Promise.all(entries));
}

function parseRequest(text: string): JoinRequest {
  const body = parsed(text);
  const { nodeName, address, keys } = isJsonObject(body) ? body : {};
  if (typeof nodeName !== 'string' || !/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(nodeName))
    throw new StatusError('BadRequest', 'nodeName must be a DNS name in lower case');
  if (typeof address !== 'string' || !isIPv4(address))
    throw new StatusError('BadRequest', 'address must be an IPv4 address');
  if (!isJsonObject(keys)) throw new StatusError('BadRequest', 'keys must map names to public keys');
  const texts = Object.entries(keys).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return { nodeName, address, keys: Object.fromEntries(texts) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function servers({ client, server }: JoinHandlerOptions): Promise<readonly string[]> {
  const slice = await client.get(EndpointSlice, { namespace: 'default', name: 'kubernetes' }).catch(() => undefined);
  const found = slice ? serversIn([slice]) : [];
  return found.length > 0 ? found : [server];
}
