import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Clock } from '../../base/clock.ts';
import type { Image } from '../../kubelet/cri/container-runtime.ts';
import { createCriClient } from '../../kubelet/cri/cri-client.ts';
import { adoptImage, isAdoptable } from './adopt-image.ts';
import { normaliseImageName } from './image-name.ts';
import { type ArchivedImage, readArchive } from './read-archive.ts';

const run = promisify(execFile);

/** A node's containerd, whose images are meant. */
export interface ImageTarget {
  /** Path of containerd's socket. */
  readonly socket: string;
  readonly snapshotter?: string | undefined;
}

/** Options of what waits for containerd. */
export interface ImageCall {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

const visibleWithinMs = 10_000;

/**
 * Loads an archive (OCI, or of `docker save`) into each node's containerd, all at once, unless the very same image is
 * there. Resolves with the names loaded, once pods can use them.
 */
export async function loadImage(
  targets: readonly ImageTarget[],
  archive: string,
  call: ImageCall,
): Promise<readonly string[]> {
  const images = (await readArchive(archive)).map((image) => {
    if (image.name === undefined) throw new Error(`${archive} does not say which name its image has`);
    return { ...image, name: normaliseImageName(image.name) };
  });
  await Promise.all(targets.map((target) => loadInto(target, { archive, images }, call)));
  return images.map(({ name }) => name);
}

type NamedImage = ArchivedImage & { readonly name: string };

async function loadInto(
  target: ImageTarget,
  { archive, images }: { readonly archive: string; readonly images: readonly NamedImage[] },
  { clock, signal }: ImageCall,
): Promise<void> {
  using client = createCriClient(`unix://${target.socket}`);
  const visible = async ({ name, id }: NamedImage): Promise<boolean> => {
    const status = await client.imageStatus({ image: name }, { signal });
    return status !== undefined && (id === undefined || status.image.id === id);
  };
  const allVisible = async (): Promise<boolean> => (await Promise.all(images.map(visible))).every(Boolean);
  if (images.every(({ id }) => id !== undefined) && (await allVisible())) return;
  await importArchive(target, archive, images, { clock, signal });
  // CRI learns of the image by an event, a few milliseconds later.
  const deadline = clock.monotonic() + visibleWithinMs;
  while (!(await allVisible())) {
    if (clock.monotonic() > deadline) {
      throw new Error(`containerd imported ${archive} but CRI does not show its image`);
    }
    await clock.sleep(3, signal);
  }
}

async function importArchive(
  { socket, snapshotter = 'overlayfs' }: ImageTarget,
  archive: string,
  images: readonly NamedImage[],
  { clock, signal }: ImageCall,
): Promise<void> {
  const [image, ...others] = images;
  if (image && others.length === 0 && isAdoptable(image)) {
    try {
      return await adoptImage({ socket, snapshotter, archive, image, now: clock.now(), signal });
    } catch {
      signal?.throwIfAborted();
      // A containerd that keeps its files otherwise: it reads the archive itself, which takes longer.
    }
  }
  await ctr(socket, ['images', 'import', '--snapshotter', snapshotter, archive], signal);
}

/** The images of a node. */
export async function listImages(target: ImageTarget, signal?: AbortSignal): Promise<readonly Image[]> {
  using client = createCriClient(`unix://${target.socket}`);
  return await client.listImages(undefined, { signal });
}

/** Removes a name from each node, and the image with its last name. False when no node had it. */
export async function removeImage(
  targets: readonly ImageTarget[],
  image: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const removed = await Promise.all(targets.map((target) => removeFrom(target, image, signal)));
  return removed.some(Boolean);
}

async function removeFrom({ socket }: ImageTarget, image: string, signal: AbortSignal | undefined): Promise<boolean> {
  using client = createCriClient(`unix://${socket}`);
  const status = await client.imageStatus({ image }, { signal });
  if (status === undefined) return false;
  const { id, repoTags } = status.image;
  const others = repoTags.filter((tag) => tag !== fullName(image));
  // CRI removes an image with all its names; one name of several is removed underneath it.
  if (others.length === repoTags.length || others.length === 0) await client.removeImage({ image: id }, { signal });
  else await ctr(socket, ['images', 'rm', '--sync', fullName(image)], signal);
  return true;
}

function fullName(image: string): string {
  return image.startsWith('sha256:') || /^[0-9a-f]{12,64}$/.test(image) ? image : normaliseImageName(image);
}

async function ctr(socket: string, args: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  try {
    await run('ctr', ['--address', socket, '--namespace', 'k8s.io', ...args], signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(`ctr ${args.slice(0, 2).join(' ')} failed: ${said || String(error)}`, { cause: error });
  }
}
