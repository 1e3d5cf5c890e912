import type { Method } from '../../kubelet/cri/cri-methods.ts';
import {
  bytes,
  embedded,
  field,
  int64,
  list,
  message,
  type MessageFields,
  oneOf,
  optional,
  string,
  stringMap,
} from '../../machinery/protobuf/wire-codec.ts';

function on(service: string) {
  return <Q, R>(name: string, request: MessageFields<Q>, response: MessageFields<R>): Method<Q, R> => ({
    name: `${service.split('.')[2]}.${name}`,
    path: `/${service}/${name}`,
    request: message(request),
    response: message(response),
  });
}

const content = on('containerd.services.content.v1.Content');
const snapshots = on('containerd.services.snapshots.v1.Snapshots');
const images = on('containerd.services.images.v1.Images');
const leases = on('containerd.services.leases.v1.Leases');

const nothing = {};

/** A blob as containerd's API refers to it. */
export interface BlobDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const descriptor = message<BlobDescriptor>({
  mediaType: field(1, string),
  digest: field(2, string),
  size: field(3, int64),
});

/** How a snapshot's files are reached. */
export interface SnapshotMount {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

const mount = message<SnapshotMount>({ type: field(1, string), source: field(2, string), options: list(4, string) });

const image = message<{ name: string; labels: Readonly<Record<string, string>>; target: BlobDescriptor }>({
  name: field(1, string),
  labels: stringMap(2),
  target: field(3, embedded(descriptor)),
});

/** The methods of containerd's own API that loading an image takes. Source: containerd's services, v1. */
export const containerdApi = {
  /** Sent with one message, which holds all there is to write. */
  writeContent: content(
    'Write',
    {
      action: field(1, oneOf(['STAT', 'WRITE', 'COMMIT'])),
      ref: field(2, string),
      total: field(3, int64),
      expected: field(4, string),
      offset: field(5, int64),
      data: optional(field(6, bytes)),
      labels: stringMap(7),
    },
    { offset: field(4, int64) },
  ),
  statSnapshot: snapshots('Stat', { snapshotter: field(1, string), key: field(2, string) }, nothing),
  prepareSnapshot: snapshots(
    'Prepare',
    { snapshotter: field(1, string), key: field(2, string) },
    { mounts: list(1, embedded(mount)) },
  ),
  commitSnapshot: snapshots(
    'Commit',
    { snapshotter: field(1, string), name: field(2, string), key: field(3, string) },
    nothing,
  ),
  removeSnapshot: snapshots('Remove', { snapshotter: field(1, string), key: field(2, string) }, nothing),
  createImage: images('Create', { image: field(1, embedded(image)) }, nothing),
  updateImage: images('Update', { image: field(1, embedded(image)) }, nothing),
  createLease: leases('Create', { id: field(1, string), labels: stringMap(3) }, nothing),
  deleteLease: leases('Delete', { id: field(1, string) }, nothing),
};
