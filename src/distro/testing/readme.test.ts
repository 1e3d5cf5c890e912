import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('the example of the README runs', () => {
  const example = /```ts\n([^]*?)```/.exec(readFileSync(join(import.meta.dirname, 'README.md'), 'utf8'))?.[1];
  const file = join(import.meta.dirname, `readme-example-${process.pid}.ts`);
  writeFileSync(file, `${example}\nconsole.log('done');\n`);
  try {
    const options = { encoding: 'utf8', timeout: 15_000 } as const;
    expect(execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', file], options)).toBe('done\n');
  } finally {
    rmSync(file);
  }
});
