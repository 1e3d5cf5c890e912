import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { defaultConfig } from '../config/cluster-config.ts';
import { clusterAuthentication } from './cluster-authentication.ts';

const context = { clock: new FakeClock(), log: silentLogger };

test('a cluster believes its own certificates and accounts, and whom its configuration names', async () => {
  const anonymous = { enabled: true, paths: new Set(['/healthz', '/livez', '/readyz']) };
  expect(await clusterAuthentication(defaultConfig, context)).toEqual({ anonymous });
  const folder = mkdtempSync(join(tmpdir(), 'kubets-authentication-'));
  try {
    const authenticationConfig = join(folder, 'authentication.yaml');
    const jwt = (url: string): string =>
      `[{ issuer: { url: "${url}", audiences: [app] }, claimMappings: { username: { claim: sub, prefix: "" } } }]`;
    const write = (url: string, more = ''): void =>
      writeFileSync(
        authenticationConfig,
        `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n${more}jwt: ${jwt(url)}\n`,
      );
    const config = { ...defaultConfig, authenticationConfig };
    write('https://a.example');
    const { jwt: found, anonymous: access } = await clusterAuthentication(config, context);
    expect(access).toEqual(anonymous);
    expect(found?.authenticators.map(({ configuration }) => configuration.issuer.url)).toEqual(['https://a.example']);
    write('https://a.example', 'anonymous: { enabled: false }\n');
    expect((await clusterAuthentication(config, context)).anonymous).toEqual({ enabled: false });
    write(`https://kubernetes.default.svc.${defaultConfig.clusterDomain}`);
    await expect(clusterAuthentication(config, context)).rejects.toThrow(
      'URL must not overlap with disallowed issuers',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
