import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostsToml, writeRegistryHosts } from './registry-hosts.ts';

test('a host with plain http is reached by http', () => {
  expect(hostsToml('127.0.0.1:5000', { plainHttp: true })).toBe('server = "http://127.0.0.1:5000"\n');
});

test('mirrors are asked first, in their order, with the trust that was configured', () => {
  const text = hostsToml('docker.io', {
    mirrors: ['http://mirror:5000', 'second'],
    skipVerify: true,
    ca: '/etc/ca.pem',
  });
  expect(text).toBe(`server = "https://registry-1.docker.io"
skip_verify = true
ca = "/etc/ca.pem"

[host."http://mirror:5000"]
capabilities = ["pull", "resolve"]
skip_verify = true
ca = "/etc/ca.pem"

[host."https://second"]
capabilities = ["pull", "resolve"]
skip_verify = true
ca = "/etc/ca.pem"
`);
});

test('the default for all hosts names no server of its own', () => {
  expect(hostsToml('_default', { mirrors: ['mirror'] })).not.toContain('server');
});

test('hosts that are no longer configured lose their folder, which would shadow the default', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kubets-hosts-'));
  try {
    mkdirSync(join(directory, 'old.example'));
    await writeRegistryHosts(directory, { 'new.example': {} });
    expect(readdirSync(directory)).toEqual(['new.example']);
    expect(readFileSync(join(directory, 'new.example', 'hosts.toml'), 'utf8')).toContain('https://new.example');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
