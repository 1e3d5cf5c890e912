/** Keeps a NodeGraph equal to what the watch cache has, at once: a kubelet may read what a pod that it sees refers to. */
import { PodCertificateRequest } from '../../../api/certificates/pod-certificate-request.ts';
import { PersistentVolume } from '../../../api/core/persistent-volume.ts';
import { Pod } from '../../../api/core/pod.ts';
import { ResourceSlice } from '../../../api/resource/resource-slice.ts';
import { VolumeAttachment } from '../../../api/storage/volume-attachment.ts';
import { keyOf, keyString } from '../../../machinery/resource.ts';
import type { FollowObjects } from '../../create-api-server.ts';
import type { NodeGraph } from './node-graph.ts';

/** Fills `graph` and keeps it filled for as long as the server runs. */
export function followNodeObjects(graph: NodeGraph, follow: FollowObjects): void {
  follow(Pod, {
    put: ({ object }) => graph.putPod(object as Pod),
    gone: ({ object }) => graph.removePod(object.metadata),
    reset: () => graph.clearPods(),
  });
  follow(PersistentVolume, {
    put: ({ object }) => graph.putVolume(object as PersistentVolume),
    gone: ({ object }) => graph.removeVolume(object.metadata.name),
    reset: () => graph.clearVolumes(),
  });
  follow(VolumeAttachment, {
    put: ({ object }) =>
      graph.putOwned('volumeattachments', object.metadata.name, (object as VolumeAttachment).spec.nodeName),
    gone: ({ object }) => graph.putOwned('volumeattachments', object.metadata.name, undefined),
    reset: () => graph.clearOwned('volumeattachments'),
  });
  follow(ResourceSlice, {
    put: ({ object }) =>
      graph.putOwned('resourceslices', object.metadata.name, (object as ResourceSlice).spec.nodeName),
    gone: ({ object }) => graph.putOwned('resourceslices', object.metadata.name, undefined),
    reset: () => graph.clearOwned('resourceslices'),
  });
  follow(PodCertificateRequest, {
    put: ({ object }) =>
      graph.putOwned(
        'podcertificaterequests',
        keyString(keyOf(object)),
        (object as PodCertificateRequest).spec.nodeName,
      ),
    gone: ({ object }) => graph.putOwned('podcertificaterequests', keyString(keyOf(object)), undefined),
    reset: () => graph.clearOwned('podcertificaterequests'),
  });
}
