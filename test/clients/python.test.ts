/** The Python client of the Kubernetes project, as Debian has it, against our API server. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allControllers } from '../../src/controllers/registry.ts';
import { httpsCluster } from '../../src/distro/testing/https-cluster.ts';
import type { HttpsCluster } from '../../src/distro/testing/https-cluster.ts';
import { clientProgram } from './run-client.ts';

let cluster: HttpsCluster;

beforeAll(async () => {
  cluster = await httpsCluster({ controllers: allControllers({ ca: () => 'PEM' }) });
}, 60_000);

afterAll(() => cluster[Symbol.asyncDispose]());

test(
  'a Python program creates, patches, watches, elects leaders, and is told of errors',
  { timeout: 120_000 },
  async () => {
    // Another Python on the path has not the packages that Debian installs.
    const python = clientProgram('/usr/bin/python3', { cluster, home: 'python' });
    const { code, text } = await python.run(['-W', 'ignore', join(import.meta.dirname, 'python-client.py')]);
    expect(code, text).toBe(0);
    expect(text).toMatch(/^Ran 8 tests in .*\n\nOK$/m);
  },
);
