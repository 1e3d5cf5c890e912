import type { StringMap } from './shared-types.ts';

/** Names an image. */
export interface ImageSpec {
  /** A name with tag or digest, or an image id. */
  readonly image: string;
  readonly annotations?: StringMap | undefined;
  /** The name as the pod's spec has it, before it was resolved. */
  readonly userSpecifiedImage?: string | undefined;
  readonly runtimeHandler?: string | undefined;
  readonly imageRef?: string | undefined;
}

/** An image on the node. */
export interface Image {
  /** Digest of its config: `sha256:…`. */
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  /** Bytes. */
  readonly size: number;
  /** The user the image runs as, when it is a number. */
  readonly uid: number | undefined;
  /** The user the image runs as, when it is a name. */
  readonly username: string;
  /** Never removed by garbage collection. */
  readonly pinned: boolean;
}

/** An image and the runtime's own details (`verbose` only). */
export interface ImageStatus {
  readonly image: Image;
  readonly info: StringMap;
}

/** Credentials for a registry. */
export interface RegistryAuth {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** base64 of `username:password`. */
  readonly auth?: string | undefined;
  readonly serverAddress?: string | undefined;
  readonly identityToken?: string | undefined;
  readonly registryToken?: string | undefined;
}

/** How much a file system holds. */
export interface FilesystemUsage {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly mountpoint: string;
  readonly usedBytes: number | undefined;
  readonly inodesUsed: number | undefined;
}

/** Where images and writable layers lie, and how much they take. */
export interface ImageFsInfo {
  readonly imageFilesystems: readonly FilesystemUsage[];
  readonly containerFilesystems: readonly FilesystemUsage[];
}
