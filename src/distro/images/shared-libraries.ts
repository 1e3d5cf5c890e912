import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A library as the program looks for it, and the file that it is. */
export interface SharedLibrary {
  readonly path: string;
  readonly file: string;
}

/** The shared libraries that an executable needs here, its dynamic linker among them; none for a static one. */
export async function sharedLibraries(executable: string): Promise<readonly SharedLibrary[]> {
  const text = await run('ldd', [executable]).then(
    ({ stdout }) => stdout,
    () => '',
  );
  const missing = /^\s*(\S+) => not found/m.exec(text)?.[1];
  if (missing !== undefined) throw new Error(`${executable} needs ${missing}, which this machine does not have`);
  const paths = text.split('\n').flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  return Promise.all(paths.map(async (path) => ({ path, file: await realpath(path) })));
}
