import { embedded, field, int32, message, string } from '../../../machinery/protobuf/wire-codec.ts';
import { systemClock } from '../../../base/system-clock.ts';
import { prefixEnd } from '../../store.ts';
import { EtcdEndpoint } from '../etcd-endpoint.ts';
import type { EtcdHeader, EtcdMethod } from '../etcd-messages.ts';
import { etcdMethods } from '../etcd-messages.ts';

/** A user, and the prefix whose keys it may read and write. */
export interface EtcdUser {
  readonly name: string;
  readonly password: string;
  readonly prefix: string;
}

const readWrite = 2;
const { fields: answer } = etcdMethods.compact.response;
const two = message<{ first: string; second: string }>({ first: field(1, string), second: field(2, string) });
const permission = message<{ type: number; key: string; rangeEnd: string }>({
  type: field(1, int32),
  key: field(2, string),
  rangeEnd: field(3, string),
});
const grant = message<{ role: string; permission: { type: number; key: string; rangeEnd: string } }>({
  role: field(1, string),
  permission: field(2, embedded(permission)),
});

/** Turns on etcd's authentication, with a root user and one that may only use its prefix. */
export async function enableEtcdUsers(url: string, user: EtcdUser): Promise<void> {
  using endpoint = new EtcdEndpoint({ url, clock: systemClock });
  const call = async <Q>(
    name: string,
    codec: EtcdMethod<Q, { header: EtcdHeader }>['request'],
    request: Q,
  ): Promise<void> => {
    const method = { path: `/etcdserverpb.Auth/${name}`, request: codec, response: message(answer) };
    await endpoint.call(method, request, { timeout: 10_000 });
  };
  await call('UserAdd', two, { first: 'root', second: 'root' });
  await call('RoleAdd', two, { first: 'root', second: '' });
  await call('UserGrantRole', two, { first: 'root', second: 'root' });
  await call('UserAdd', two, { first: user.name, second: user.password });
  await call('RoleAdd', two, { first: user.name, second: '' });
  const { prefix: key } = user;
  await call('RoleGrantPermission', grant, {
    role: user.name,
    permission: { type: readWrite, key, rangeEnd: prefixEnd(key) },
  });
  await call('UserGrantRole', two, { first: user.name, second: user.name });
  await call('AuthEnable', message<object>({}), {});
}
