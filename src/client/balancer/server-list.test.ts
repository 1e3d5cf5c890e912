import { expect, test } from 'vitest';
import type { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { serversIn } from './follow-servers.ts';
import { ServerList } from './server-list.ts';

const [a, b, c] = ['10.0.0.1:6443', '10.0.0.2:6443', '10.0.0.3:6443'] as const;

test('servers that are equal take turns', () => {
  const list = new ServerList([a, b, c]);
  const firsts = [1, 2, 3].map(() => list.candidates()[0]);
  expect(new Set(firsts)).toEqual(new Set([a, b, c]));
});

test('those that serve come first, those that are gone last but never not at all', () => {
  const list = new ServerList([a, b, c]);
  list.missed(a, 'refused');
  list.answered(b, 'unready');
  list.answered(c, 'ready');
  expect(list.candidates()).toEqual([c, b, a]);
  expect(list.candidates()).toEqual([c, b, a]);
});

test('the server of the same machine is used whenever it serves', () => {
  const list = new ServerList([a, b, c], b);
  for (const server of [a, b, c]) list.answered(server, 'ready');
  expect([1, 2, 3].map(() => list.candidates()[0])).toEqual([b, b, b]);
  list.missed(b, 'refused');
  expect([a, c]).toContain(list.candidates()[0]);
  list.answered(b, 'ready');
  expect(list.candidates()[0]).toBe(b);
});

test('one late answer is forgiven, a second is not, and is told once', () => {
  const list = new ServerList([a, b]);
  const gone: string[] = [];
  using _listener = list.onGone((server) => gone.push(server));
  for (const server of [a, b]) list.answered(server, 'ready');
  list.missed(a, 'silent');
  list.answered(a, 'ready');
  list.missed(a, 'silent');
  expect(list.health(a)).toBe('ready');
  list.missed(a, 'silent');
  list.missed(a, 'silent');
  expect({ health: list.health(a), gone }).toEqual({ health: 'gone', gone: [a] });
});

test('when all are silent none counts as gone: it is we who are cut off', () => {
  const list = new ServerList([a, b]);
  for (const server of [a, b, a, b]) list.answered(server, 'ready');
  for (const server of [a, b, a, b, a, b]) list.missed(server, 'silent');
  expect([list.health(a), list.health(b)]).toEqual(['ready', 'ready']);
  list.answered(b, 'ready');
  list.missed(a, 'silent');
  expect([list.health(a), list.health(b)]).toEqual(['gone', 'ready']);
});

test('a newer list replaces the old one, tells of those that are no more, and is ignored when empty', () => {
  const list = new ServerList([a, b]);
  const gone: string[] = [];
  using _listener = list.onGone((server) => gone.push(server));
  list.answered(b, 'ready');
  list.replace([b, c]);
  list.replace([]);
  expect({ all: list.all, gone, b: list.health(b) }).toEqual({ all: [b, c], gone: [a], b: 'ready' });
});

test('the servers are the ready endpoints of the port https', () => {
  const slice = {
    metadata: { name: 'kubernetes' },
    addressType: 'IPv4',
    ports: [
      { name: 'other', port: 1 },
      { name: 'https', port: 6443 },
    ],
    endpoints: [
      { addresses: ['10.0.0.2'], conditions: { ready: true } },
      { addresses: ['10.0.0.1'] },
      { addresses: ['10.0.0.3'], conditions: { ready: false } },
    ],
  } as unknown as EndpointSlice;
  expect(serversIn([slice, slice])).toEqual([a, b]);
});
