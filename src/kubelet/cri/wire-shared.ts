import type {
  HugepageLimit,
  IdMapping,
  LinuxResources,
  NamespaceMode,
  NamespaceOptions,
  SecurityProfile,
  SELinuxOptions,
  UserNamespace,
} from './shared-types.ts';
import {
  boxed,
  embedded,
  field,
  int64,
  list,
  message,
  oneOf,
  optional,
  string,
  stringMap,
  uint32,
  uint64,
} from '../../machinery/protobuf/wire-codec.ts';

const namespaceMode = oneOf<NamespaceMode>(['POD', 'CONTAINER', 'NODE', 'TARGET']);

/** CRI v1 `IDMapping`. */
export const idMapping = message<IdMapping>({
  hostId: field(1, uint32),
  containerId: field(2, uint32),
  length: field(3, uint32),
});

const userNamespace = message<UserNamespace>({
  mode: field(1, namespaceMode),
  uids: list(2, embedded(idMapping)),
  gids: list(3, embedded(idMapping)),
});

/** CRI v1 `NamespaceOption`. */
export const namespaceOptions = message<NamespaceOptions>({
  network: field(1, namespaceMode),
  pid: field(2, namespaceMode),
  ipc: field(3, namespaceMode),
  targetId: optional(field(4, string)),
  userNamespace: optional(field(5, embedded(userNamespace))),
});

/** CRI v1 `SELinuxOption`. */
export const selinuxOptions = message<SELinuxOptions>({
  user: field(1, string),
  role: field(2, string),
  type: field(3, string),
  level: field(4, string),
});

/** CRI v1 `SecurityProfile`. */
export const securityProfile = message<SecurityProfile>({
  type: field(1, oneOf(['RuntimeDefault', 'Unconfined', 'Localhost'])),
  localhostRef: optional(field(2, string)),
});

/** CRI v1 `SupplementalGroupsPolicy`. */
export const supplementalGroupsPolicy = oneOf(['Merge', 'Strict']);

/** CRI v1 `Int64Value`. */
export const int64Value = boxed(int64);

/** CRI v1 `UInt64Value`. */
export const uint64Value = boxed(uint64);

const hugepageLimit = message<HugepageLimit>({ pageSize: field(1, string), limit: field(2, uint64) });

/** CRI v1 `LinuxContainerResources`. */
export const linuxResources = message<LinuxResources>({
  cpuPeriod: optional(field(1, int64)),
  cpuQuota: optional(field(2, int64)),
  cpuShares: optional(field(3, int64)),
  memoryLimit: optional(field(4, int64)),
  oomScoreAdj: optional(field(5, int64)),
  cpusetCpus: optional(field(6, string)),
  cpusetMems: optional(field(7, string)),
  hugepageLimits: optional(list(8, embedded(hugepageLimit))),
  unified: optional(stringMap(9)),
  memorySwapLimit: optional(field(10, int64)),
});
