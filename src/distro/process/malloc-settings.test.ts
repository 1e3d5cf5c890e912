import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { mallocSettings } from './malloc-settings.ts';

it('The launcher starts with the same settings', () => {
  const launcher = readFileSync(new URL('../../../kubets', import.meta.url), 'utf8');
  expect(launcher).toContain(`\nGLIBC_TUNABLES=${mallocSettings.GLIBC_TUNABLES} `);
});
