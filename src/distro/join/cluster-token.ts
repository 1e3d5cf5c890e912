import { X509Certificate, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { UsageError } from '../config/cluster-config.ts';
import type { Layout } from '../config/layout.ts';
import { writeSecret } from '../pki/cluster-pki.ts';

/** What a node shows to join, and by what it knows the cluster: neither reveals the cluster's own token. */
export interface NodeToken {
  /** SHA-256 of the authority's certificate, hex. */
  readonly caHash: string;
  readonly secret: string;
}

const nodePrefix = 'kubets-node';
const shortest = 16;

/** A new token of a cluster: whoever has it can become a control-plane node. */
export function createClusterToken(): string {
  return randomBytes(32).toString('hex');
}

/** The token with which nodes join, made of the cluster's token and the authority's certificate (PEM). */
export function nodeTokenText(clusterToken: string, ca: string): string {
  return `${nodePrefix}.${caHash(ca)}.${nodeSecret(clusterToken)}`;
}

/** Reads a node's token. Throws UsageError. */
export function parseNodeToken(text: string): NodeToken {
  const [prefix, hash = '', secret = '', ...rest] = text.split('.');
  if (prefix === nodePrefix && /^[0-9a-f]{64}$/.test(hash) && /^[0-9a-f]{64}$/.test(secret) && rest.length === 0)
    return { caHash: hash, secret };
  throw new UsageError(
    'that is no token of a node: with --server, --token-file names a copy of <data-dir>/node-token of a control-plane node',
  );
}

/** SHA-256 of a certificate, hex. */
export function caHash(ca: string): string {
  return createHash('sha256').update(new X509Certificate(ca).raw).digest('hex');
}

/** Whether `secret` is that of nodes of the cluster; takes as long for any. */
export function isNodeSecret(secret: string, clusterToken: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(secret), digest(nodeSecret(clusterToken)));
}

function nodeSecret(clusterToken: string): string {
  return createHmac('sha256', clusterToken).update('kubets node').digest('hex');
}

/** The token that a user gave by file or by KUBETS_TOKEN, which is then forgotten: no child inherits it. Throws UsageError. */
export function givenToken(file: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const inherited = env.KUBETS_TOKEN;
  delete env.KUBETS_TOKEN;
  const text = file === undefined ? inherited : readToken(file);
  if (text === undefined) return undefined;
  const token = text.trim();
  if (token.length >= shortest && !/\s/.test(token)) return token;
  throw new UsageError(
    `${file === undefined ? 'KUBETS_TOKEN' : `--token-file ${file}`} must hold a token: at least ${shortest} characters without spaces`,
  );
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--token-file ${file} can't be read`, { cause: error });
  }
}

/** The token that the data directory keeps. */
export function keptToken(layout: Layout): string | undefined {
  return existsSync(layout.token) ? readFileSync(layout.token, 'utf8').trim() : undefined;
}

/** Keeps the token of a control-plane node, and beside it the one to hand to nodes. */
export function keepTokens(layout: Layout, clusterToken: string, ca: string): void {
  const files = [
    [layout.token, clusterToken],
    [layout.nodeToken, nodeTokenText(clusterToken, ca)],
  ] as const;
  for (const [file, text] of files)
    if (!existsSync(file) || readFileSync(file, 'utf8') !== `${text}\n`) writeSecret(file, `${text}\n`);
}
