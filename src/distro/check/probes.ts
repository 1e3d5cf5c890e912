/** Tries what an attacker would try first. Nothing is changed by it. */
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SecureVersion } from 'node:tls';
import { SubjectAccessReview } from '../../api/authorization/subject-access-review.ts';
import { Node } from '../../api/core/node.ts';
import type { Client } from '../../client/client.ts';
import type { KubeletProbe, ProbeFacts } from './facts.ts';

/** How long anything that is tried may take, in milliseconds. */
const patience = 3000;
const readOnlyPort = 10_255;
const anonymousPaths = ['/version', '/api', '/openapi/v2', '/metrics', '/api/v1/namespaces', '/api/v1/secrets'];
const oldVersions: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1'];

/** Tries the API server at `url`, and the kubelets of its nodes. */
export async function probe(client: Client, url: URL): Promise<ProbeFacts> {
  const statuses = await Promise.all(anonymousPaths.map((path) => statusOf(new URL(path, url))));
  const known = anonymousPaths.flatMap((path, index) => {
    const status = statuses[index];
    return status === undefined ? [] : [[path, status] as const];
  });
  const old = await Promise.all(oldVersions.map((version) => speaks(url, version)));
  return {
    anonymous: known.length === 0 ? undefined : Object.fromEntries(known),
    nobodyMayEverything: await nobodyMayEverything(client),
    oldTls: oldVersions.filter((_, index) => old[index]),
    kubelets: await Promise.all((await client.list(Node)).items.map(probeKubelet)),
  };
}

async function nobodyMayEverything(client: Client): Promise<boolean> {
  const review = await client.create(SubjectAccessReview, {
    metadata: {},
    spec: { user: 'kubets-check:nobody', resourceAttributes: { verb: '*', group: '*', resource: '*' } },
  });
  return review.status?.allowed ?? false;
}

async function probeKubelet({ metadata, status }: Node): Promise<KubeletProbe> {
  const address = status.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  const port = status.daemonEndpoints?.kubeletEndpoint?.Port ?? 10_250;
  const node = metadata.name;
  if (address === undefined) return { node, anonymousStatus: undefined, readOnlyPortOpen: false };
  const host = address.includes(':') ? `[${address}]` : address;
  return {
    node,
    anonymousStatus: await statusOf(new URL(`https://${host}:${port}/pods`)),
    readOnlyPortOpen: await isOpen(address, readOnlyPort),
  };
}

/** The status that a server answers to who has no credentials; undefined when it does not answer. */
function statusOf(url: URL): Promise<number | undefined> {
  return new Promise((resolve) => {
    // Nothing is told to the server, and nothing that it says is believed.
    const asking = request(url, { rejectUnauthorized: false, agent: false, timeout: patience }, (response) => {
      response.destroy();
      resolve(response.statusCode);
    });
    asking.on('timeout', () => asking.destroy(new Error('no answer')));
    asking.on('error', () => resolve(undefined));
    asking.end();
  });
}

function speaks({ hostname, port }: URL, version: SecureVersion): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({
      host: hostname.replaceAll(/[[\]]/g, ''),
      port: Number(port || 443),
      minVersion: version,
      maxVersion: version,
      ciphers: 'DEFAULT@SECLEVEL=0',
      rejectUnauthorized: false,
      timeout: patience,
    });
    const end = (spoke: boolean) => (): void => {
      socket.destroy();
      resolve(spoke);
    };
    socket.once('secureConnect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectPlain({ host, port, timeout: patience });
    const end = (open: boolean) => (): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}
