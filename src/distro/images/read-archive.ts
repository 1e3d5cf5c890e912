import { type FileHandle, open } from 'node:fs/promises';
import { parseTarHeader, paddingOf, tarBlock } from './tar-format.ts';

/** An image inside an archive. */
export interface ArchivedImage {
  /** In full form; undefined when the archive does not say. */
  readonly name: string | undefined;
  /** Digest of its manifest; undefined for Docker's own format. */
  readonly digest: string | undefined;
  /** Digest of its config, when it is at hand: CRI's image id. */
  readonly id: string | undefined;
  /** What it consists of; undefined for Docker's own format, and when a part is missing. */
  readonly parts: ImageParts | undefined;
}

/** The blobs of an image. */
export interface ImageParts {
  readonly manifest: ImageDocument;
  readonly config: ImageDocument;
  readonly layers: readonly ArchivedLayer[];
  /** Digests of the uncompressed layers. */
  readonly diffIDs: readonly string[];
}

/** A JSON document of an image. */
export interface ImageDocument {
  readonly mediaType: string;
  readonly digest: string;
  readonly content: Buffer;
}

/** A layer, and where in the archive it begins. */
export interface ArchivedLayer {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly offset: number;
}

/** Documents inside an archive that say which images it holds are small; layers are skipped, not read. */
const documentLimit = 1024 * 1024;

/** Which images an OCI archive, or one of `docker save`, holds. Throws when it is neither. */
export async function readArchive(path: string): Promise<readonly ArchivedImage[]> {
  await using file = await open(path, 'r');
  const contents: Contents = { documents: new Map(), offsets: new Map() };
  for await (const member of members(file)) {
    if (member.typeFlag !== '0' || !/^(index\.json|manifest\.json|blobs\/sha256\/[0-9a-f]+)$/.test(member.path))
      continue;
    contents.offsets.set(member.path, member.offset);
    if (member.size <= documentLimit) contents.documents.set(member.path, await contentOf(file, member));
  }
  const index = documentAt(contents, 'index.json');
  if (index !== undefined) return imagesOfIndex(index, contents);
  const manifest = documentAt(contents, 'manifest.json');
  if (Array.isArray(manifest)) return manifest.flatMap(imagesOfDockerManifest);
  throw new Error(
    `${path} is not an image archive: it has neither an index.json (OCI) nor a manifest.json (docker save)`,
  );
}

/** What an archive holds, by path. */
interface Contents {
  readonly documents: Map<string, Buffer>;
  readonly offsets: Map<string, number>;
}

interface Member {
  readonly path: string;
  readonly size: number;
  readonly typeFlag: string;
  readonly offset: number;
}

async function* members(file: FileHandle): AsyncGenerator<Member> {
  const block = Buffer.alloc(tarBlock);
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(block, 0, tarBlock, at);
    const header = bytesRead === tarBlock ? parseTarHeader(block) : undefined;
    if (!header) return;
    const offset = at + tarBlock;
    yield { ...header, path: header.path.replace(/^\.\//, ''), offset };
    at = offset + header.size + paddingOf(header.size);
  }
}

async function contentOf(file: FileHandle, member: Member): Promise<Buffer> {
  const content = Buffer.alloc(member.size);
  await file.read(content, 0, member.size, member.offset);
  return content;
}

/** A small blob need not be JSON: a tiny layer is not. */
function documentAt({ documents }: Contents, path: string): unknown {
  try {
    return JSON.parse(documents.get(path)?.toString('utf8') ?? '');
  } catch {
    return undefined;
  }
}

function imagesOfIndex(index: unknown, contents: Contents): ArchivedImage[] {
  return listAt(index, 'manifests').map((descriptor) => {
    const digest = textAt(descriptor, 'digest');
    const manifest = documentAt(contents, pathOf(digest));
    const annotations = at(descriptor, 'annotations');
    return {
      name: textAt(annotations, 'io.containerd.image.name') ?? textAt(annotations, 'org.opencontainers.image.ref.name'),
      digest,
      id: textAt(at(manifest, 'config'), 'digest'),
      parts: partsOf(descriptor, manifest, contents),
    };
  });
}

function partsOf(descriptor: unknown, manifest: unknown, contents: Contents): ImageParts | undefined {
  const documents = [descriptor, at(manifest, 'config')].flatMap((part) => documentOf(part, contents));
  const layers = listAt(manifest, 'layers').flatMap((part) => layerOf(part, contents));
  const [manifestDocument, config] = documents;
  if (!manifestDocument || !config || layers.length !== listAt(manifest, 'layers').length) return undefined;
  const rootfs = at(documentAt(contents, pathOf(config.digest)), 'rootfs');
  return { manifest: manifestDocument, config, layers, diffIDs: listAt(rootfs, 'diff_ids').map(String) };
}

function documentOf(descriptor: unknown, contents: Contents): ImageDocument[] {
  const [mediaType, digest] = [textAt(descriptor, 'mediaType'), textAt(descriptor, 'digest')];
  const content = contents.documents.get(pathOf(digest));
  return mediaType === undefined || digest === undefined || !content ? [] : [{ mediaType, digest, content }];
}

function layerOf(descriptor: unknown, contents: Contents): ArchivedLayer[] {
  const [mediaType, digest, size] = [
    textAt(descriptor, 'mediaType'),
    textAt(descriptor, 'digest'),
    at(descriptor, 'size'),
  ];
  const offset = contents.offsets.get(pathOf(digest));
  if (mediaType === undefined || digest === undefined || typeof size !== 'number' || offset === undefined) return [];
  return [{ mediaType, digest, size, offset }];
}

function pathOf(digest: string | undefined): string {
  return `blobs/${digest?.replace(':', '/')}`;
}

function imagesOfDockerManifest(image: unknown): ArchivedImage[] {
  const config = textAt(image, 'Config');
  const hash = config && /([0-9a-f]{64})/.exec(config)?.[1];
  const id = hash === undefined ? undefined : `sha256:${hash}`;
  return listAt(image, 'RepoTags').map((name) => ({ name: String(name), digest: undefined, id, parts: undefined }));
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function textAt(value: unknown, key: string): string | undefined {
  const found = at(value, key);
  return typeof found === 'string' ? found : undefined;
}

function listAt(value: unknown, key: string): unknown[] {
  const found = at(value, key);
  return Array.isArray(found) ? found : [];
}
