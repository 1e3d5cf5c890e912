import { join } from 'node:path';
import { formatToml } from './toml.ts';

/** What a node's containerd is configured with. */
export interface ContainerdSettings {
  /** The node's own folder: everything of this containerd lies below it. */
  readonly directory: string;
  /** Image of every pod's first container. */
  readonly sandboxImage: string;
  readonly cniBinDir: string;
  readonly cniConfDir: string;
  readonly snapshotter: string;
  /** Without CAP_SYS_RESOURCE a negative OOM score kills runc: containerd then keeps scores at its own. */
  readonly restrictOomScoreAdj: boolean;
  readonly disableAppArmor: boolean;
}

/** Where things of one containerd lie. */
export interface ContainerdPaths {
  readonly config: string;
  readonly root: string;
  readonly state: string;
  readonly socket: string;
  /** Folder of `<host>/hosts.toml`. */
  readonly registryHosts: string;
  readonly runcRoot: string;
  readonly bootId: string;
}

/** The paths of the containerd under `directory`. */
export function containerdPaths(directory: string): ContainerdPaths {
  return {
    config: join(directory, 'config.toml'),
    root: join(directory, 'root'),
    state: join(directory, 'state'),
    socket: join(directory, 'c.sock'),
    registryHosts: join(directory, 'certs.d'),
    runcRoot: join(directory, 'runc'),
    bootId: join(directory, 'boot-id'),
  };
}

const unusedPlugins = ['snapshotter.v1.btrfs', 'snapshotter.v1.zfs', 'snapshotter.v1.devmapper', 'snapshotter.v1.aufs'];

/** The configuration file, in version 2, which containerd 1.6 and 1.7 read and 2.x converts. */
export function containerdConfig(settings: ContainerdSettings): string {
  const paths = containerdPaths(settings.directory);
  return formatToml({
    version: 2,
    root: paths.root,
    state: paths.state,
    disabled_plugins: unusedPlugins.map((name) => `io.containerd.${name}`),
    grpc: { address: paths.socket },
    ttrpc: { address: `${paths.socket}.ttrpc` },
    plugins: {
      'io.containerd.internal.v1.opt': { path: join(settings.directory, 'opt') },
      'io.containerd.grpc.v1.cri': criPlugin(settings, paths),
    },
  });
}

function criPlugin(settings: ContainerdSettings, paths: ContainerdPaths) {
  return {
    sandbox_image: settings.sandboxImage,
    disable_apparmor: settings.disableAppArmor,
    restrict_oom_score_adj: settings.restrictOomScoreAdj,
    stream_server_address: '127.0.0.1',
    stream_server_port: '0',
    cni: { bin_dir: settings.cniBinDir, conf_dir: settings.cniConfDir },
    registry: { config_path: paths.registryHosts },
    containerd: {
      snapshotter: settings.snapshotter,
      default_runtime_name: 'runc',
      runtimes: {
        runc: {
          runtime_type: 'io.containerd.runc.v2',
          // cgroupfs: the one driver that works with and without systemd, on cgroup v1 and v2.
          options: { SystemdCgroup: false, Root: paths.runcRoot },
        },
      },
    },
  };
}
