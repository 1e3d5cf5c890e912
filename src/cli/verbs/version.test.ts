import { expect, test } from 'vitest';
import { skewWarning } from './version.ts';

test('a server more than one minor version away is warned of', () => {
  expect(skewWarning('1', '35')).toBeUndefined();
  expect(skewWarning('1', '37+')).toBeUndefined();
  expect(skewWarning(undefined, undefined)).toBeUndefined();
  expect(skewWarning('1', '30')).toBe(
    'WARNING: version difference between client (1.36) and server (1.30) exceeds the supported minor version skew of +/-1\n',
  );
});
