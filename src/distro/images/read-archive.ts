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
}

/** Documents inside an archive that say which images it holds are small; layers are skipped, not read. */
const documentLimit = 1024 * 1024;

/** Which images an OCI archive, or one of `docker save`, holds. Throws when it is neither. */
export async function readArchive(path: string): Promise<readonly ArchivedImage[]> {
  await using file = await open(path, 'r');
  const documents = new Map<string, unknown>();
  for await (const member of members(file)) {
    if (member.size > documentLimit || member.typeFlag !== '0') continue;
    if (!/^(index\.json|manifest\.json|blobs\/sha256\/[0-9a-f]+)$/.test(member.path)) continue;
    documents.set(member.path, parsed(await contentOf(file, member)));
  }
  const index = documents.get('index.json');
  if (index !== undefined) return imagesOfIndex(index, documents);
  const manifest = documents.get('manifest.json');
  if (Array.isArray(manifest)) return manifest.flatMap(imagesOfDockerManifest);
  throw new Error(
    `${path} is not an image archive: it has neither an index.json (OCI) nor a manifest.json (docker save)`,
  );
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

async function contentOf(file: FileHandle, member: Member): Promise<string> {
  const content = Buffer.alloc(member.size);
  await file.read(content, 0, member.size, member.offset);
  return content.toString('utf8');
}

/** A small blob need not be JSON: a tiny layer is not. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function imagesOfIndex(index: unknown, documents: ReadonlyMap<string, unknown>): ArchivedImage[] {
  return listAt(index, 'manifests').map((descriptor) => {
    const digest = textAt(descriptor, 'digest');
    const manifest = documents.get(`blobs/${digest?.replace(':', '/')}`);
    const annotations = at(descriptor, 'annotations');
    return {
      name: textAt(annotations, 'io.containerd.image.name') ?? textAt(annotations, 'org.opencontainers.image.ref.name'),
      digest,
      id: textAt(at(manifest, 'config'), 'digest'),
    };
  });
}

function imagesOfDockerManifest(image: unknown): ArchivedImage[] {
  const config = textAt(image, 'Config');
  const hash = config && /([0-9a-f]{64})/.exec(config)?.[1];
  const id = hash === undefined ? undefined : `sha256:${hash}`;
  return listAt(image, 'RepoTags').map((name) => ({ name: String(name), digest: undefined, id }));
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
