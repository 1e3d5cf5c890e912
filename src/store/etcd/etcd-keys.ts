/** The first segment of every key of the store. */
const storeRoot = '/registry/';

/** Where in etcd the store's keys lie: another prefix takes the place of `/registry`. */
export class EtcdKeys {
  /** What all keys in etcd begin with, ending in a slash. */
  readonly root: string;

  constructor(prefix = storeRoot) {
    const segments = prefix.split('/').filter((segment) => segment !== '');
    this.root = segments.length === 0 ? '/' : `/${segments.join('/')}/`;
  }

  /** A key of the store, or the beginning of one, as etcd has it. A key without a slash before it belongs to all of etcd. */
  toEtcd(key: string): string {
    if (key !== '' && !key.startsWith('/')) return key;
    if (key.startsWith(storeRoot)) return this.root + key.slice(storeRoot.length);
    if (storeRoot.startsWith(key)) return this.root;
    throw new Error(`the key ${key} does not begin with ${storeRoot}`);
  }

  /** A key of etcd as the store has it. */
  toStore(etcdKey: string): string {
    return etcdKey.startsWith('/') ? storeRoot + etcdKey.slice(this.root.length) : etcdKey;
  }
}
