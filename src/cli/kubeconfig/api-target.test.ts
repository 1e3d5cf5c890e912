import { expect, test } from 'vitest';
import { globalFlags } from '../command/global-flags.ts';
import { resolveTarget } from './api-target.ts';
import type { TargetFlags } from './api-target.ts';
import type { Kubeconfig, KubeconfigUser } from './kubeconfig.ts';

function headersOf(flags: Partial<TargetFlags>, user: KubeconfigUser = {}) {
  const config = {
    'current-context': 'x',
    clusters: new Map([['c', { server: 'https://127.0.0.1:6443' }]]),
    users: new Map([['u', user]]),
    contexts: new Map([['x', { cluster: 'c', user: 'u' }]]),
  } as unknown as Kubeconfig;
  const initial = Object.fromEntries(Object.entries(globalFlags).map(([name, flag]) => [name, flag.initial]));
  return resolveTarget(config, { ...(initial as TargetFlags), ...flags }, { timeout: 0, env: {} }).headers;
}

test('whom somebody acts as is said by flags', () => {
  const flags = {
    as: 'ann',
    'as-uid': '7',
    'as-group': ['a', 'b'],
    'as-user-extra': ['acme.io/x=1', 'acme.io/x=2', 'y=a=b'],
  };
  expect(headersOf(flags)).toEqual({
    'Impersonate-User': 'ann',
    'Impersonate-Uid': '7',
    'Impersonate-Group': ['a', 'b'],
    'Impersonate-Extra-acme.io%2Fx': ['1', '2'],
    'Impersonate-Extra-y': ['a=b'],
  });
  expect(() => headersOf({ as: 'ann', 'as-user-extra': ['x'] })).toThrow('--as-user-extra');
});

test('or by the kubeconfig, where they say nothing', () => {
  const user = { as: 'bob', 'as-uid': '8', 'as-groups': ['c'], 'as-user-extra': { k: ['v'] } };
  expect(headersOf({ as: 'ann' }, user)).toEqual({
    'Impersonate-User': 'ann',
    'Impersonate-Uid': '8',
    'Impersonate-Group': ['c'],
    'Impersonate-Extra-k': ['v'],
  });
});
