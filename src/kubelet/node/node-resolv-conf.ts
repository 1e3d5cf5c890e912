import { readFile } from 'node:fs/promises';

const stubResolver = /^nameserver\s+127\.0\.0\.53\s*$/m;
const behindTheStub = '/run/systemd/resolve/resolv.conf';

/**
 * The text of the resolv.conf that pods inherit; empty when there is none. systemd's stub resolver listens on the node's
 * loopback alone, where no pod can reach it: the file with the servers behind it is taken instead.
 */
export async function readNodeResolvConf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (!stubResolver.test(text)) return text;
  return readFile(behindTheStub, 'utf8').catch(() => text);
}
