import { expect, test } from 'vitest';
import { tlsServerOptions } from '../../machinery/x509/tls-suites.ts';
import { connectionLimits, standingHeaders, tlsLimits } from './serving-flags.ts';

const usual = {
  'tls-min-version': 'VersionTLS12',
  'tls-cipher-suites': [],
  'http2-max-streams-per-connection': 0,
  'strict-transport-security-directives': [],
} as const;

test('by default TLS 1.2 is taken with suites that are forward secret and authenticated, the quickest of 1.3 first', () => {
  const { minVersion, ciphers } = tlsServerOptions(tlsLimits(usual));
  expect(minVersion).toBe('TLSv1.2');
  const all = String(ciphers).split(':');
  expect(all[0]).toBe('TLS_AES_128_GCM_SHA256');
  for (const suite of all) expect(suite).toMatch(/^TLS_|^ECDHE-.*(GCM|POLY1305)/);
});

test('suites and the lowest version can be chosen, but no weak ones', () => {
  const chosen = {
    ...usual,
    'tls-min-version': 'VersionTLS13',
    'tls-cipher-suites': ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'],
  } as const;
  expect(tlsServerOptions(tlsLimits(chosen))).toMatchObject({
    minVersion: 'TLSv1.3',
    ciphers: expect.stringMatching(/:ECDHE-RSA-AES256-GCM-SHA384$/),
  });
  expect(() => tlsLimits({ ...usual, 'tls-cipher-suites': ['TLS_RSA_WITH_AES_128_CBC_SHA'] })).toThrow(
    'not "TLS_RSA_WITH_AES_128_CBC_SHA"',
  );
});

test('streams of a connection and Strict-Transport-Security are as the flags say', () => {
  expect(connectionLimits(usual)).toEqual({});
  expect(connectionLimits({ ...usual, 'http2-max-streams-per-connection': 250 })).toEqual({ streams: 250 });
  expect(standingHeaders(usual)).toEqual({});
  const directives = ['max-age=31536000', 'includeSubDomains'];
  expect(standingHeaders({ ...usual, 'strict-transport-security-directives': directives })).toEqual({
    'strict-transport-security': 'max-age=31536000;includeSubDomains',
  });
  expect(() => standingHeaders({ ...usual, 'strict-transport-security-directives': ['max-age=1\r\nx: y'] })).toThrow(
    'invalid',
  );
});
