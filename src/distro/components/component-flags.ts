import { existsSync, readFileSync } from 'node:fs';
import type { Connection } from '../../client/connection.ts';
import { messageOf } from '../../base/errors.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { UsageError } from '../config/cluster-config.ts';

const accountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

/** How to reach the API server: by a kubeconfig, or inside a pod by its service account. Throws UsageError. */
export async function connectionOf(kubeconfig: unknown): Promise<Connection> {
  if (typeof kubeconfig === 'string') return connectionFrom(kubeconfig);
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
  if (host === undefined || !existsSync(`${accountDirectory}/token`)) {
    throw new UsageError('--kubeconfig is needed outside a pod: it names the API server and who to be');
  }
  return {
    servers: [`https://${host.includes(':') ? `[${host}]` : host}:${port ?? '443'}`],
    ca: readFileSync(`${accountDirectory}/ca.crt`, 'utf8'),
    tokenFile: `${accountDirectory}/token`,
  };
}

async function connectionFrom(path: string): Promise<Connection> {
  try {
    return (await loadKubeconfig(path)).connection;
  } catch (error) {
    throw new UsageError(`--kubeconfig ${path} can't be used: ${messageOf(error)}`, { cause: error });
  }
}
