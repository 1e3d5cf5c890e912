import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import type { Pod as PodObject } from '../../api/core/pod.ts';
import { Pod } from '../../api/core/pod.ts';
import type { Clock } from '../../base/clock.ts';
import { timestamp } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { goYamlSchema } from '../../machinery/go-yaml-schema.ts';
import { decodeObject } from '../../machinery/decode.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { configHashAnnotation, configSeenAnnotation, configSourceAnnotation } from '../pod/container-labels.ts';

/** Options of `StaticPods`. */
export interface StaticPodsOptions {
  readonly directory: string;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** All static pods there are now, after each change. */
  readonly changed: (pods: readonly PodObject[]) => void;
}

/** Source: upstream's --file-check-frequency. */
const rescanEvery = 20_000;
const settleFor = 50;

/** Reads pods from the manifests in a directory, again whenever it changes. */
export class StaticPods {
  readonly #options: StaticPodsOptions;
  #last = '';

  constructor(options: StaticPodsOptions) {
    this.#options = options;
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { directory, clock } = this.#options;
    await mkdir(directory, { recursive: true });
    let poke = Promise.withResolvers<void>();
    const watcher = watch(directory, { signal }, () => void clock.after(settleFor, () => poke.resolve()));
    watcher.on('error', () => undefined);
    signal.addEventListener('abort', () => poke.resolve(), { once: true });
    while (!signal.aborted) {
      await this.#scan();
      const timer = clock.after(rescanEvery, () => poke.resolve());
      await poke.promise;
      timer[Symbol.dispose]();
      poke = Promise.withResolvers();
    }
  }

  async #scan(): Promise<void> {
    const { directory, log, clock } = this.#options;
    const names = (await readdir(directory)).filter(
      (name) => /\.(ya?ml|json|manifest)$/.test(name) && !name.startsWith('.'),
    );
    const pods: PodObject[] = [];
    for (const name of names.sort()) {
      const path = join(directory, name);
      try {
        pods.push(
          parseStaticPod(await readFile(path, 'utf8'), { path, nodeName: this.#options.nodeName, now: clock.now() }),
        );
      } catch (error) {
        log.error('Could not read a static pod; correct or remove the file', { path, err: error });
      }
    }
    const summary = pods.map(({ metadata: { uid } }) => uid).join();
    if (summary === this.#last && summary !== '') return;
    this.#last = summary;
    this.#options.changed(pods);
  }
}

/** The pod in a manifest, named for its node. Its uid follows from its content: a changed file is another pod. */
export function parseStaticPod(
  text: string,
  from: { readonly path: string; readonly nodeName: string; readonly now: number },
): PodObject {
  const value = load(text, { schema: goYamlSchema });
  if (!isJsonObject(value) || value['kind'] !== 'Pod') throw new Error(`${from.path} holds no object of kind Pod`);
  const { object } = decodeObject(Pod, value);
  const hash = createHash('md5')
    .update(JSON.stringify(value))
    .update(`host:${from.nodeName}file:${from.path}`)
    .digest('hex');
  const { metadata, spec } = object;
  metadata.name = `${metadata.name}-${from.nodeName.toLowerCase()}`;
  metadata.namespace = metadata.namespace || 'default';
  metadata.uid = metadata.uid || hash;
  metadata.creationTimestamp ||= timestamp(from.now);
  metadata.annotations = {
    ...metadata.annotations,
    [configSourceAnnotation]: 'file',
    [configHashAnnotation]: hash,
    [configSeenAnnotation]: timestamp(from.now),
  };
  spec.nodeName = from.nodeName;
  // A static pod is not evicted for what is wrong with its node. Source: upstream's applyDefaults.
  spec.tolerations = [...(spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }];
  object.status = { phase: 'Pending' };
  return object;
}
