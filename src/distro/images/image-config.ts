import type { Architecture } from './pause.ts';

/** How an image runs unless a pod says otherwise. */
export interface ImageConfig {
  readonly entrypoint?: readonly string[] | undefined;
  readonly cmd?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** `user`, `user:group`, in numbers or names. */
  readonly user?: string | undefined;
  readonly workingDir?: string | undefined;
  /** Such as `80/tcp`. */
  readonly exposedPorts?: readonly string[] | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Such as `SIGQUIT`. */
  readonly stopSignal?: string | undefined;
}

/** The config blob of an image of one layer. Source: OCI image configuration 1.0. */
export function imageConfigBlob(
  config: ImageConfig,
  layer: { readonly architecture: Architecture; readonly diffID: string; readonly created: string },
): Buffer {
  const path = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
  const { exposedPorts = [] } = config;
  const blob = {
    created: layer.created,
    architecture: layer.architecture,
    os: 'linux',
    config: {
      Entrypoint: config.entrypoint,
      Cmd: config.cmd,
      Env: Object.entries({ ...path, ...config.env }).map(([key, value]) => `${key}=${value}`),
      User: config.user,
      WorkingDir: config.workingDir,
      ExposedPorts: exposedPorts.length === 0 ? undefined : Object.fromEntries(exposedPorts.map((port) => [port, {}])),
      Labels: config.labels,
      StopSignal: config.stopSignal,
    },
    rootfs: { type: 'layers', diff_ids: [layer.diffID] },
    history: [{ created: layer.created, created_by: 'kubets image build' }],
  };
  return Buffer.from(JSON.stringify(blob));
}
