import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '../../base/system-clock.ts';
import { startLoadBalancer } from './load-balancer.ts';
import { ServerList } from './server-list.ts';

const listen = { host: '127.0.0.1', port: 0 };

/** A server that says its name to everyone and then echoes. */
async function echo(name: string): Promise<{ address: string; sockets: Set<Socket> } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.write(`${name}\n`);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A connection, its first line, and its end. */
async function open(port: number): Promise<{ socket: Socket; greeting: string; closed: Promise<void> }> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const greeting = await new Promise<string>((resolve) => {
    socket.once('data', (data) => resolve(data.toString().trim()));
    void closed.then(() => resolve('closed'));
  });
  return { socket, greeting, closed };
}

test('a connection goes to the next server when the first can not be reached, which is remembered', async () => {
  await using alive = await echo('alive');
  const servers = new ServerList(['127.0.0.1:9', alive.address], '127.0.0.1:9');
  await using balancer = await startLoadBalancer({ servers, listen, clock: systemClock });
  const { greeting, socket } = await open(balancer.port);
  expect(greeting).toBe('alive');
  expect(servers.health('127.0.0.1:9')).toBe('gone');
  socket.write('hello');
  expect((await new Promise<Buffer>((resolve) => socket.once('data', resolve))).toString()).toBe('hello');
  socket.destroy();
});

test('connections to a server that is gone are cut, others stay', async () => {
  await using first = await echo('first');
  await using second = await echo('second');
  const servers = new ServerList([first.address, second.address]);
  await using balancer = await startLoadBalancer({ servers, listen, clock: systemClock });
  const connections = await Promise.all([open(balancer.port), open(balancer.port)]);
  const toFirst = connections.find(({ greeting }) => greeting === 'first');
  const toSecond = connections.find(({ greeting }) => greeting === 'second');
  servers.missed(first.address, 'refused');
  await toFirst?.closed;
  toSecond?.socket.write('still');
  expect((await new Promise<Buffer>((resolve) => toSecond?.socket.once('data', resolve))).toString()).toBe('still');
  expect((await open(balancer.port)).greeting).toBe('second');
});

test('the end of a server ends the connection at the client', async () => {
  await using server = await echo('only');
  const servers = new ServerList([server.address]);
  await using balancer = await startLoadBalancer({ servers, listen, clock: systemClock });
  const { closed } = await open(balancer.port);
  for (const socket of server.sockets) socket.resetAndDestroy();
  await closed;
});

test('without any server connections are closed, not kept waiting', async () => {
  const servers = new ServerList(['127.0.0.1:9']);
  await using balancer = await startLoadBalancer({ servers, listen, clock: systemClock });
  expect((await open(balancer.port)).greeting).toBe('closed');
});
