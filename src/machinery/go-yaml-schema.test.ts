import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { goYamlSchema } from './go-yaml-schema.ts';

test.each([
  ['yes', true],
  ['On', true],
  ['off', false],
  ['n', false],
  ['true', true],
  ['"yes"', 'yes'],
  ['yesterday', 'yesterday'],
  ['0777', 511],
  ['0o777', 511],
  ['0b11', 3],
  ['0x1F', 31],
  ['1_000', 1000],
  ['-7', -7],
  ['12:30:45', '12:30:45'],
  ['10.0.0.1', '10.0.0.1'],
  ['1e3', 1000],
  ['.5', 0.5],
  ['2026-01-01', '2026-01-01'],
  ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
  ['~', null],
  ['', undefined],
] as const)('%s is read as go-yaml reads it', (text, value) => {
  expect(load(`a: ${text}`, { schema: goYamlSchema })).toEqual({ a: value ?? null });
});
