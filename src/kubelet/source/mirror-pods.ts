import type { Pod as PodObject } from '../../api/core/pod.ts';
import { Pod } from '../../api/core/pod.ts';
import { hasReason } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Client } from '../../client/client.ts';
import type { DraftObjectOf } from '../../machinery/resource.ts';
import { keyOf, keyString } from '../../machinery/resource.ts';
import { configHashAnnotation, configMirrorAnnotation } from '../pod/container-labels.ts';

/** Options of `MirrorPods`. */
export interface MirrorPodsOptions {
  readonly client: Client;
  readonly nodeName: string;
  readonly nodeUid: () => string | undefined;
  readonly log: Logger;
}

/** Shows static pods in the API, where they can be seen but not changed. */
export class MirrorPods {
  readonly #options: MirrorPodsOptions;

  constructor(options: MirrorPodsOptions) {
    this.#options = options;
  }

  /** Makes the mirrors of `statics` and removes those of others. `mirrors` are those that the API has. */
  async reconcile(statics: readonly PodObject[], mirrors: readonly PodObject[], signal: AbortSignal): Promise<void> {
    const wanted = new Map(statics.map((pod) => [keyString(keyOf(pod)), pod]));
    for (const mirror of mirrors) {
      const pod = wanted.get(keyString(keyOf(mirror)));
      if (
        pod &&
        hashOf(pod) === mirror.metadata.annotations?.[configMirrorAnnotation] &&
        !mirror.metadata.deletionTimestamp
      ) {
        wanted.delete(keyString(keyOf(mirror)));
      } else await this.#delete(mirror, signal);
    }
    for (const pod of wanted.values()) await this.#create(pod, signal);
  }

  async #create(pod: PodObject, signal: AbortSignal): Promise<void> {
    const { client, log } = this.#options;
    try {
      await client.create(Pod, this.#draft(pod), { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!hasReason(error, 'AlreadyExists'))
        log.warning('Failed to create a mirror pod', { pod: keyString(keyOf(pod)), err: error });
    }
  }

  async #delete(mirror: PodObject, signal: AbortSignal): Promise<void> {
    const { client, log } = this.#options;
    const { uid } = mirror.metadata;
    try {
      await client.delete(Pod, keyOf(mirror), { gracePeriodSeconds: 0, preconditions: { uid }, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!hasReason(error, 'NotFound'))
        log.warning('Failed to delete a mirror pod', { pod: keyString(keyOf(mirror)), err: error });
    }
  }

  #draft(pod: PodObject): DraftObjectOf<typeof Pod> {
    const { nodeName, nodeUid } = this.#options;
    const { name, namespace, labels, annotations } = pod.metadata;
    const uid = nodeUid();
    const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, controller: true };
    return {
      metadata: {
        name,
        namespace,
        labels,
        annotations: { ...annotations, [configMirrorAnnotation]: hashOf(pod) },
        ownerReferences: uid === undefined ? [] : [{ ...owner, uid }],
      },
      spec: pod.spec,
    };
  }
}

function hashOf(pod: PodObject): string {
  return pod.metadata.annotations?.[configHashAnnotation] ?? '';
}
