import type { FilesystemUsage, Image, ImageFsInfo, ImageSpec, RegistryAuth } from './image-types.ts';
import {
  bool,
  boxed,
  embedded,
  field,
  list,
  message,
  optional,
  string,
  stringMap,
  time,
  uint64,
} from '../../machinery/protobuf/wire-codec.ts';
import { int64Value, uint64Value } from './wire-shared.ts';

/** CRI v1 `ImageSpec`. */
export const imageSpec = message<ImageSpec>({
  image: field(1, string),
  annotations: optional(stringMap(2)),
  userSpecifiedImage: optional(field(18, string)),
  runtimeHandler: optional(field(19, string)),
  imageRef: optional(field(20, string)),
});

/** CRI v1 `Image`. */
export const image = message<Image>({
  id: field(1, string),
  repoTags: list(2, string),
  repoDigests: list(3, string),
  size: field(4, uint64),
  uid: optional(field(5, int64Value)),
  username: field(6, string),
  pinned: field(8, bool),
});

/** CRI v1 `AuthConfig`. */
export const registryAuth = message<RegistryAuth>({
  username: optional(field(1, string)),
  password: optional(field(2, string)),
  auth: optional(field(3, string)),
  serverAddress: optional(field(4, string)),
  identityToken: optional(field(5, string)),
  registryToken: optional(field(6, string)),
});

/** CRI v1 `FilesystemUsage`. */
export const filesystemUsage = message<FilesystemUsage>({
  timestamp: field(1, time),
  mountpoint: field(2, boxed(string)),
  usedBytes: optional(field(3, uint64Value)),
  inodesUsed: optional(field(4, uint64Value)),
});

/** CRI v1 `ImageFsInfoResponse`. */
export const imageFsInfo = message<ImageFsInfo>({
  imageFilesystems: list(1, embedded(filesystemUsage)),
  containerFilesystems: list(2, embedded(filesystemUsage)),
});
