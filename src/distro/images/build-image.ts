import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createHash } from 'node:crypto';
import { type Compression, compressSink, digestSink, fileSink } from './byte-sink.ts';
import { type ImageConfig, imageConfigBlob } from './image-config.ts';
import { normaliseImageName, parseImageName } from './image-name.ts';
import { type ImageContent, writeLayer } from './layer-contents.ts';
import type { Architecture } from './pause.ts';
import { paddingOf, tarBlock, tarEnd, tarHeader } from './tar-format.ts';
import { TarWriter } from './tar-writer.ts';

/** What to build. */
export interface ImageBuild {
  readonly name: string;
  /** Later contents do not replace earlier ones: of two with one path the first is kept. */
  readonly contents: readonly ImageContent[];
  readonly config: ImageConfig;
  readonly architecture: Architecture;
  /** The archive to write; appears complete or not at all. */
  readonly output: string;
  /** Undefined: the layer is stored as it is. */
  readonly compression?: Compression | undefined;
  /** Milliseconds since the epoch; the default makes equal contents give equal images. */
  readonly created?: number | undefined;
}

/** What was built. */
export interface BuiltImage {
  /** In full form. */
  readonly name: string;
  readonly archive: string;
  /** Digest of the manifest. */
  readonly digest: string;
  /** Digest of the config, which CRI calls the image's id. */
  readonly id: string;
  /** Bytes of the archive. */
  readonly size: number;
}

/** A blob as manifests refer to it. Source: OCI content descriptor. */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Builds an image of one layer as an OCI archive. The layer streams: memory does not depend on its size. */
export async function buildImage(build: ImageBuild): Promise<BuiltImage> {
  const name = normaliseImageName(build.name);
  const unfinished = `${build.output}.${process.pid}.unfinished`;
  await mkdir(dirname(build.output), { recursive: true });
  try {
    const written = await writeArchive(build, name, unfinished);
    await rename(unfinished, build.output);
    return { name, archive: build.output, ...written };
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function writeArchive(
  build: ImageBuild,
  name: string,
  path: string,
): Promise<Omit<BuiltImage, 'name' | 'archive'>> {
  await using file = await open(path, 'w');
  // The layer's header names its digest, known only at its end: it is written last, into the block left for it.
  const layer = await writeLayerBlob(build, file);
  const header = tarHeader(blobEntry(layer.descriptor));
  if (header.length !== tarBlock) throw new Error('a layer of 8 GiB or more cannot be written: split the image');
  await file.write(header, 0, header.length, 0);

  const created = new Date(build.created ?? 0).toISOString();
  const { architecture } = build;
  const config = imageConfigBlob(build.config, { architecture, diffID: layer.diffID, created });
  const configDescriptor = descriptorOf('application/vnd.oci.image.config.v1+json', config);
  const manifest = encode({
    schemaVersion: 2,
    mediaType: manifestType,
    config: configDescriptor,
    layers: [layer.descriptor],
  });
  const manifestDescriptor = descriptorOf(manifestType, manifest);

  const size = layer.end;
  const tail = digestSink(fileSink(file, size));
  const tar = new TarWriter(tail);
  await tar.addBytes(blobEntry(configDescriptor), config);
  await tar.addBytes(blobEntry(manifestDescriptor), manifest);
  await tar.addBytes({ path: 'index.json', mode: 0o644 }, indexOf(manifestDescriptor, name, architecture));
  await tar.addBytes({ path: 'oci-layout', mode: 0o644 }, encode({ imageLayoutVersion: '1.0.0' }));
  await tar.finish();
  return { digest: manifestDescriptor.digest, id: configDescriptor.digest, size: size + tail.size() };
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const layerTypes = {
  plain: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
} as const;

async function writeLayerBlob(build: ImageBuild, file: Parameters<typeof fileSink>[0]) {
  const { compression } = build;
  const stored = digestSink(fileSink(file, tarBlock));
  const plain = compression ? digestSink(compressSink(compression, stored)) : stored;
  const tar = new TarWriter(plain);
  await writeLayer(tar, build.contents);
  await tar.finish();
  const size = stored.size();
  const padding = paddingOf(size);
  await file.write(tarEnd, 0, padding, tarBlock + size);
  const descriptor: Descriptor = { mediaType: layerTypes[compression ?? 'plain'], digest: stored.digest(), size };
  return {
    descriptor,
    diffID: plain.digest(),
    end: tarBlock + size + padding,
  };
}

/** Names the image: for containerd by its own annotation, for others by the tag alone. */
function indexOf(manifest: Descriptor, name: string, architecture: Architecture): Buffer {
  const annotations = {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': parseImageName(name).tag ?? 'latest',
  };
  const manifests = [{ ...manifest, annotations, platform: { architecture, os: 'linux' } }];
  return encode({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests });
}

function blobEntry({ digest, size }: Descriptor) {
  return { path: `blobs/${digest.replace(':', '/')}`, type: 'file', mode: 0o644, size } as const;
}

function descriptorOf(mediaType: string, blob: Buffer): Descriptor {
  return { mediaType, digest: `sha256:${createHash('sha256').update(blob).digest('hex')}`, size: blob.length };
}

function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
