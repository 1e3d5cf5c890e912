import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Method } from '../../kubelet/cri/cri-methods.ts';
import { GrpcChannel } from '../../kubelet/cri/grpc-channel.ts';
import { hasRuntimeCode } from '../../kubelet/cri/runtime-error.ts';
import { containerdApi } from './containerd-api.ts';
import { unpullableHost } from './image-name.ts';
import { tarBlock } from './tar-format.ts';
import type { ArchivedImage, ArchivedLayer, ImageDocument } from './read-archive.ts';

/** What is adopted, and by whom. */
export interface Adoption {
  readonly socket: string;
  readonly snapshotter: string;
  readonly archive: string;
  readonly image: ArchivedImage & { readonly name: string };
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}

/** Whether `adoptImage` can load an image: one layer, stored as it is, as kubets builds them. */
export function isAdoptable({ parts }: ArchivedImage): boolean {
  const [layer, ...others] = parts?.layers ?? [];
  return (
    others.length === 0 && layer?.mediaType === 'application/vnd.oci.image.layer.v1.tar' && parts?.diffIDs.length === 1
  );
}

/**
 * Loads an image by laying its layer down where containerd keeps blobs and snapshots, and telling containerd so by its
 * API. `ctr images import` would send every byte through two processes and a socket, hash it on both ends and unpack
 * it in a third pass: 1.5 s for kubets' own image, against 0.3 s. Rejects when this containerd will not have it so, in
 * which case nothing but garbage that it collects is left behind.
 */
export async function adoptImage(adoption: Adoption): Promise<void> {
  const { parts } = adoption.image;
  if (!parts || !isAdoptable(adoption.image)) throw new Error(`${adoption.archive} has to be imported`);
  using session = new Session(adoption);
  await session.open();
  try {
    const layer = parts.layers[0] ?? missingLayer(adoption);
    const chainID = parts.diffIDs[0] ?? '';
    const root = await session.unpack(layer, chainID);
    await session.placeLayer(layer, root);
    const { config, manifest } = parts;
    await session.writeDocument(config, { [`containerd.io/gc.ref.snapshot.${adoption.snapshotter}`]: chainID });
    await session.writeDocument(manifest, {
      'containerd.io/gc.ref.content.config': config.digest,
      'containerd.io/gc.ref.content.l.0': layer.digest,
    });
    await session.name(manifest);
  } finally {
    await session.close();
  }
}

function missingLayer({ archive }: Adoption): never {
  throw new Error(`${archive} has no layer`);
}

/** One adoption under a lease, which keeps containerd from collecting what is not referred to yet. */
class Session implements Disposable {
  readonly #adoption: Adoption;
  readonly #channel: GrpcChannel;
  readonly #id: string;

  constructor(adoption: Adoption) {
    this.#adoption = adoption;
    this.#id = `kubets-${process.pid}-${adoption.now}-${adoption.image.digest?.slice(-12)}`;
    this.#channel = new GrpcChannel(`unix://${adoption.socket}`);
  }

  [Symbol.dispose](): void {
    this.#channel[Symbol.dispose]();
  }

  /** A lease that ends by itself within the hour, should this process die. */
  async open(): Promise<void> {
    const until = new Date(this.#adoption.now + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const labels = { 'containerd.io/gc.expire': until };
    await this.#channel.call(containerdApi.createLease, { id: this.#id, labels }, this.#limits(false));
  }

  async close(): Promise<void> {
    await this.#channel.call(containerdApi.deleteLease, { id: this.#id }, this.#limits(false));
  }

  /** Makes the layer's snapshot, unless there is one. Resolves with containerd's root folder. */
  async unpack(layer: ArchivedLayer, chainID: string): Promise<string> {
    const { snapshotter, archive } = this.#adoption;
    const key = `${this.#id} ${chainID}`;
    const { mounts } = await this.#call(containerdApi.prepareSnapshot, { snapshotter, key });
    try {
      const [mount, ...others] = mounts;
      const root = /^(.+)\/io\.containerd\.snapshotter\.v1\.[^/]+\//.exec(mount?.source ?? '')?.[1];
      if (!mount || mount.type !== 'bind' || others.length > 0 || root === undefined) {
        throw new Error(`the snapshotter ${snapshotter} keeps no plain folders`);
      }
      if (!(await this.#exists(chainID))) {
        await extract(archive, layer, mount.source);
        await tolerating(
          'AlreadyExists',
          this.#call(containerdApi.commitSnapshot, { snapshotter, name: chainID, key }),
        );
      }
      return root;
    } finally {
      await tolerating('NotFound', this.#call(containerdApi.removeSnapshot, { snapshotter, key }));
    }
  }

  /** Copies the layer to where containerd keeps blobs, then has containerd take note of it. */
  async placeLayer({ digest, size, offset }: ArchivedLayer, root: string): Promise<void> {
    const blobs = join(root, 'io.containerd.content.v1.content', 'blobs', 'sha256');
    const file = join(blobs, digest.slice('sha256:'.length));
    await mkdir(blobs, { recursive: true });
    const unfinished = join(root, 'io.containerd.content.v1.content', `${this.#id}.unfinished`);
    try {
      const source = createReadStream(this.#adoption.archive, {
        start: offset,
        end: offset + size - 1,
        highWaterMark: 1 << 20,
      });
      await pipeline(source, createWriteStream(unfinished, { mode: 0o444 }));
      await rename(unfinished, file);
    } finally {
      await rm(unfinished, { force: true });
    }
    // At an offset of its whole size a blob that containerd does not find fails here instead of being cut to nothing.
    await this.#write({ digest, total: size, offset: size, labels: {} });
  }

  async writeDocument({ digest, content }: ImageDocument, labels: Readonly<Record<string, string>>): Promise<void> {
    await this.#write({ digest, total: content.length, offset: 0, labels, data: content });
  }

  /** Gives the image its name, anew when the name stood for another image. */
  async name({ mediaType, digest, content }: ImageDocument): Promise<void> {
    const { name } = this.#adoption.image;
    // What no registry has must outlive the kubelet's garbage collection. CRI knows the label since containerd 1.7.
    const labels: Record<string, string> = name.startsWith(`${unpullableHost}/`)
      ? { 'io.cri-containerd.pinned': 'pinned' }
      : {};
    const image = { name, labels, target: { mediaType, digest, size: content.length } };
    try {
      await this.#call(containerdApi.createImage, { image });
    } catch (error) {
      if (!hasRuntimeCode(error, 'AlreadyExists')) throw error;
      await this.#call(containerdApi.updateImage, { image });
    }
  }

  async #write(blob: {
    readonly digest: string;
    readonly total: number;
    readonly offset: number;
    readonly labels: Readonly<Record<string, string>>;
    readonly data?: Uint8Array | undefined;
  }): Promise<void> {
    const { digest, data, ...rest } = blob;
    const request = { action: 'COMMIT', ref: `${this.#id}-${digest}`, expected: digest, data, ...rest } as const;
    const writing = async (): Promise<void> => {
      for await (const _ of this.#channel.stream(containerdApi.writeContent, request, this.#limits())) continue;
    };
    await tolerating('AlreadyExists', writing());
  }

  async #exists(key: string): Promise<boolean> {
    const { snapshotter } = this.#adoption;
    return (await tolerating('NotFound', this.#call(containerdApi.statSnapshot, { snapshotter, key }))) !== undefined;
  }

  #call<Q, R>(method: Method<Q, R>, request: Q): Promise<R> {
    return this.#channel.call(method, request, this.#limits());
  }

  #limits(leased = true) {
    const { signal } = this.#adoption;
    const metadata = { 'containerd-namespace': 'k8s.io', ...(leased ? { 'containerd-lease': this.#id } : {}) };
    return { signal, timeoutMs: 60_000, metadata };
  }
}

async function tolerating<T>(code: 'AlreadyExists' | 'NotFound', call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (hasRuntimeCode(error, code)) return undefined;
    throw error;
  }
}

/** Unpacks a layer of the archive into a folder: tar gets the archive with its position at the layer. */
async function extract(archive: string, { offset }: ArchivedLayer, target: string): Promise<void> {
  // Only reading moves the position of an open file, and kubets' archives begin with their layer.
  if (offset !== tarBlock) throw new Error(`${archive} does not begin with its layer`);
  await using file = await open(archive, 'r');
  await file.read(Buffer.alloc(offset), 0, offset, null);
  const args = ['-x', '-f', '-', '-C', target, '--numeric-owner', '--same-owner', '--preserve-permissions'];
  const tar = spawn('tar', args, { stdio: [file.fd, 'ignore', 'pipe'] });
  let complaint = '';
  tar.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const code = await new Promise<number | null>((resolve, reject) => tar.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`tar could not unpack ${archive}: ${complaint.trim()}`);
}
