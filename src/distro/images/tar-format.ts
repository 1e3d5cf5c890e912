/** One member of a tar archive. */
export interface TarEntry {
  /** Without leading slash; a folder's may end in one. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink';
  /** Permission bits with set-user-id, set-group-id and sticky. */
  readonly mode: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Bytes of content; files only. */
  readonly size?: number | undefined;
  /** Seconds since the epoch. */
  readonly mtime?: number | undefined;
  /** Target of a symlink as it stands; path of the earlier member for a hard link. */
  readonly link?: string | undefined;
}

/** Tar's unit: headers fill one, contents are padded to it. */
export const tarBlock = 512;

const typeFlags = { file: '0', hardlink: '1', symlink: '2', directory: '5' } as const;
const nameLimit = 100;
const sizeLimit = 8 ** 11;
const idLimit = 8 ** 7;

/** The header blocks of a member: ustar, preceded by a pax header where ustar cannot say it. Source: POSIX pax. */
export function tarHeader(entry: TarEntry): Buffer {
  const path = entry.type === 'directory' ? `${entry.path.replace(/\/+$/, '')}/` : entry.path;
  const pax = paxRecords({ ...entry, path });
  if (pax === '') return ustarHeader({ ...entry, path }, typeFlags[entry.type]);
  const records = Buffer.from(pax);
  const extended = { path: 'PaxHeaders/kubets', type: 'file', mode: 0o644, size: records.length } as const;
  const cut = { ...entry, path: truncated(path), link: truncated(entry.link ?? '') };
  return Buffer.concat([
    ustarHeader(extended, 'x'),
    records,
    Buffer.alloc(paddingOf(records.length)),
    ustarHeader(cut, typeFlags[entry.type]),
  ]);
}

/** How many zero bytes follow content of this size. */
export function paddingOf(size: number): number {
  return (tarBlock - (size % tarBlock)) % tarBlock;
}

/** The two zero blocks that end an archive. */
export const tarEnd = Buffer.alloc(2 * tarBlock);

/** A member as a header describes it, `undefined` at the archive's end. `typeFlag` is tar's own letter. */
export function parseTarHeader(block: Buffer): { path: string; size: number; typeFlag: string } | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const text = (from: number, length: number): string => {
    const part = block.subarray(from, from + length);
    const end = part.indexOf(0);
    return part.toString('utf8', 0, end < 0 ? length : end);
  };
  if (Number.parseInt(text(148, 8), 8) !== checksumOf(block))
    throw new Error('not a tar archive: header checksum differs');
  const prefix = text(257, 5) === 'ustar' ? text(345, 155) : '';
  const path = prefix === '' ? text(0, nameLimit) : `${prefix}/${text(0, nameLimit)}`;
  return { path, size: sizeIn(block), typeFlag: text(156, 1) || '0' };
}

function sizeIn(block: Buffer): number {
  // GNU tar writes sizes of 8 GiB and more in base 256, marked by the highest bit.
  if (((block[124] ?? 0) & 0x80) !== 0) return Number(block.readBigUInt64BE(128));
  return Number.parseInt(block.toString('latin1', 124, 135).trim() || '0', 8);
}

function paxRecords(entry: TarEntry): string {
  const records: [string, string][] = [];
  if (needsPax(entry.path)) records.push(['path', entry.path]);
  if (entry.link !== undefined && needsPax(entry.link)) records.push(['linkpath', entry.link]);
  if ((entry.size ?? 0) >= sizeLimit) records.push(['size', String(entry.size)]);
  if ((entry.uid ?? 0) >= idLimit) records.push(['uid', String(entry.uid)]);
  if ((entry.gid ?? 0) >= idLimit) records.push(['gid', String(entry.gid)]);
  return records.map(([key, value]) => paxRecord(key, value)).join('');
}

/** `LENGTH key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function needsPax(name: string): boolean {
  return Buffer.byteLength(name) > nameLimit || /[^\x20-\x7e]/.test(name);
}

function truncated(name: string): string {
  return needsPax(name) ? name.replace(/[^\x20-\x7e]/g, '_').slice(0, nameLimit) : name;
}

function ustarHeader(entry: Omit<TarEntry, 'type'>, typeFlag: string): Buffer {
  const block = Buffer.alloc(tarBlock);
  const octal = (value: number, from: number, length: number, limit: number): void => {
    block.write((value < limit ? value : 0).toString(8).padStart(length - 1, '0'), from, length - 1, 'latin1');
  };
  block.write(entry.path, 0, nameLimit, 'utf8');
  octal(entry.mode & 0o7777, 100, 8, idLimit);
  octal(entry.uid ?? 0, 108, 8, idLimit);
  octal(entry.gid ?? 0, 116, 8, idLimit);
  octal(entry.size ?? 0, 124, 12, sizeLimit);
  octal(entry.mtime ?? 0, 136, 12, sizeLimit);
  block.write(typeFlag, 156, 1, 'latin1');
  block.write(entry.link ?? '', 157, nameLimit, 'utf8');
  block.write('ustar\u000000', 257, 8, 'latin1');
  block.write(checksumOf(block).toString(8).padStart(6, '0'), 148, 6, 'latin1');
  block[155] = 0x20;
  return block;
}

/** The sum of the header's bytes, those of the checksum itself counted as spaces. */
function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}
