import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { fasterPackages, missingPackages } from '../up/packages.ts';
import { fasterMalloc, serverMalloc } from './server-malloc.ts';

test('a server is given the faster malloc, beside what is preloaded anyway, and has it', () => {
  expect(fasterPackages()).toEqual([]);
  expect(serverMalloc({ LD_PRELOAD: '/usr/lib/other.so' }).LD_PRELOAD).toBe(
    `${fasterMalloc.library}:/usr/lib/other.so`,
  );
  const maps = `console.log(require('node:fs').readFileSync('/proc/self/maps', 'utf8'))`;
  const mapped = execFileSync(process.execPath, ['-e', maps], { encoding: 'utf8', env: serverMalloc({}) });
  expect(mapped).toContain('libtcmalloc_minimal');
});

test('nothing is installed for the sake of speed alone', () => {
  expect(missingPackages()).toEqual([]);
});
