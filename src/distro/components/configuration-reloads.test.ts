import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { MetricRegistry } from '../../base/metrics/metric-registry.ts';
import { configurationReloads } from './configuration-reloads.ts';

const hash = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

test('reloads are counted by how they ended, and the hash is that of what is in use', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubets-reloads-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'config.yaml');
  const [clock, metrics] = [new FakeClock(), new MetricRegistry()];
  writeFileSync(path, 'one');
  const reloads = configurationReloads({ what: 'authorization', path }, { clock, metrics });
  writeFileSync(path, 'broken');
  reloads.failed();
  await clock.advance(10_000);
  const samples = (): readonly string[] => metrics.render().match(/^apiserver_authorization.*$/gm) ?? [];
  const name = 'apiserver_authorization_config_controller';
  const server = `apiserver_id_hash="${hash(hostname())}"`;
  const failures = [
    `${name}_automatic_reloads_total{status="failure",${server}} 1`,
    `${name}_automatic_reload_last_timestamp_seconds{status="failure",${server}} ${Date.UTC(2026, 0, 1) / 1000}`,
  ];
  expect(samples()).toEqual([...failures, `${name}_last_config_info{${server},hash="${hash('one')}"} 1`]);
  writeFileSync(path, 'two');
  reloads.succeeded();
  expect(samples()).toEqual([
    failures[0],
    `${name}_automatic_reloads_total{status="success",${server}} 1`,
    failures[1],
    `${name}_automatic_reload_last_timestamp_seconds{status="success",${server}} ${Date.UTC(2026, 0, 1) / 1000 + 10}`,
    `${name}_last_config_info{${server},hash="${hash('two')}"} 1`,
  ]);
});
