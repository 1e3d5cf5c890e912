import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CompiledJwt } from '../../apiserver/authentication/jwt/authentication-validation.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import { testAuthority } from '../../machinery/testing/test-certificates.ts';
import { UsageError } from '../config/cluster-config.ts';
import { apiServerFlags, refusedApiServerFlags } from './api-server-flags.ts';
import { authenticationSettings, refuseOverlap } from './authentication-settings.ts';
import { parseFlags } from './parse-flags.ts';

let folder: string;
let base: readonly string[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubets-authentication-'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const key = file('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  base = ['--service-account-issuer=https://own.example', `--service-account-signing-key-file=${key}`];
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function settings(args: readonly string[], clock = new FakeClock()) {
  const set = { component: 'kube-apiserver', flags: apiServerFlags, refused: refusedApiServerFlags };
  const { values, given } = parseFlags(set, args);
  const context = { clock, given, random: seededRandom(), log: silentLogger, signal: new AbortController().signal };
  return authenticationSettings(values, context);
}

const oidc = ['--oidc-issuer-url=https://a.example', '--oidc-client-id=app'];
const issuerOf = (url: string): string => `
  - issuer: { url: "${url}", audiences: [app] }
    claimMappings: { username: { claim: sub, prefix: "" } }`;
const configured = (rest: string, version = 'v1'): string =>
  `apiVersion: apiserver.config.k8s.io/${version}\nkind: AuthenticationConfiguration\n${rest}\n`;

test('without flags, service accounts and whoever has a certificate are known, and all others are anonymous', async () => {
  expect(await settings(base)).toMatchObject({
    issuer: 'https://own.example',
    serviceAccounts: { formerIssuers: [], audiences: undefined, maxSeconds: undefined, extend: true, lookup: true },
    ...{ jwt: undefined, tokenWebhook: undefined, anonymous: true, bootstrapTokens: false },
  });
});

test('flags about service accounts', async () => {
  const found = await settings([
    ...base,
    '--service-account-issuer=https://former.example',
    '--api-audiences=a,b',
    '--service-account-jwks-uri=https://keys.example/jwks',
    '--service-account-max-token-expiration=2h',
    '--service-account-extend-token-expiration=false',
    '--service-account-lookup=false',
  ]);
  expect(found.serviceAccounts).toEqual({
    formerIssuers: ['https://former.example'],
    audiences: ['a', 'b'],
    jwksUri: 'https://keys.example/jwks',
    maxSeconds: 7200,
    ...{ extend: false, lookup: false },
  });
});

const oidcCases: Readonly<Record<string, readonly [readonly string[], object]>> = {
  'names have a prefix that says whose they are': [
    oidc,
    { claimMappings: { username: { claim: 'sub', prefix: 'https://a.example#' } } },
  ],
  'addresses have none': [
    [...oidc, '--oidc-username-claim=email'],
    { claimMappings: { username: { claim: 'email', prefix: '' } } },
  ],
  'no prefix is asked for': [
    [...oidc, '--oidc-username-prefix=-'],
    { claimMappings: { username: { claim: 'sub', prefix: '' } } },
  ],
  'groups, and claims that must be there': [
    [
      ...oidc,
      '--oidc-groups-claim=roles',
      '--oidc-groups-prefix=r:',
      '--oidc-required-claim=a=b,c',
      '--oidc-required-claim=d=e',
    ],
    {
      claimMappings: { groups: { claim: 'roles', prefix: 'r:' } },
      claimValidationRules: [
        { claim: 'a', requiredValue: 'b,c' },
        { claim: 'd', requiredValue: 'e' },
      ],
    },
  ],
};

test.each(Object.entries(oidcCases))('--oidc flags: %s', async (_, [args, expected]) => {
  const { jwt } = await settings([...base, ...args]);
  expect(jwt?.authenticators.map(({ configuration }) => configuration)).toMatchObject([
    { issuer: { url: 'https://a.example', audiences: ['app'] }, ...expected },
  ]);
  expect(jwt?.algorithms).toEqual(['RS256']);
});

const refused: Readonly<Record<string, readonly [args: () => readonly string[], message: string]>> = {
  'an issuer twice': [
    () => [...base, '--service-account-issuer=https://own.example'],
    'service-account-issuer "https://own.example" is already specified',
  ],
  'keys elsewhere without TLS': [
    () => [...base, '--service-account-jwks-uri=http://x'],
    'service-account-jwks-uri requires https scheme, parsed as: http://x',
  ],
  'tokens that live too short': [
    () => [...base, '--service-account-max-token-expiration=59m'],
    'the service-account-max-token-expiration must be between 1 hour and 2^32 seconds',
  ],
  'an issuer without a client': [
    () => [...base, '--oidc-issuer-url=https://a.example'],
    'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set',
  ],
  'a shared secret as a key': [
    () => [...base, ...oidc, '--oidc-signing-algs=RS256,HS256'],
    'oidc: unsupported signing alg: "HS256"',
  ],
  'an issuer without TLS': [
    () => [...base, '--oidc-issuer-url=http://a.example', '--oidc-client-id=app'],
    'invalid authentication configuration: jwt[0].issuer.url: Invalid value: "http://a.example": URL scheme must be https',
  ],
  'the own issuer as another': [
    () => [...base, '--oidc-issuer-url=https://own.example', '--oidc-client-id=app'],
    'URL must not overlap with disallowed issuers: [https://own.example]',
  ],
  'flags beside a file': [
    () => [...base, ...oidc, `--authentication-config=${file('both.yaml', configured('jwt: []'))}`],
    'authentication-config file and oidc-* flags are mutually exclusive',
  ],
  'anonymous in a file and by a flag': [
    () => [
      ...base,
      '--anonymous-auth=false',
      `--authentication-config=${file('anonymous.yaml', configured('anonymous: { enabled: true }'))}`,
    ],
    '--anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file',
  ],
  'a file that is not there': [
    () => [...base, `--authentication-config=${join(folder, 'missing')}`],
    'ENOENT: no such file or directory',
  ],
  'a file of another kind': [
    () => [...base, `--authentication-config=${file('kind.yaml', 'apiVersion: v1\nkind: Secret\n')}`],
    'it must be an AuthenticationConfiguration of apiVersion apiserver.config.k8s.io/v1',
  ],
  'fields that nobody knows': [
    () => [...base, `--authentication-config=${file('fields.yaml', configured('jwts: []'))}`],
    'strict decoding error: unknown field "jwts"',
  ],
  'a file with faults': [
    () => [
      ...base,
      `--authentication-config=${file('faults.yaml', configured(`jwt: ${issuerOf('https://own.example')}`))}`,
    ],
    'invalid authentication configuration: jwt[0].issuer.url: Invalid value: "https://own.example": URL must not overlap',
  ],
  'a webhook that nobody can find': [
    () => [...base, `--authentication-token-webhook-config-file=${join(folder, 'missing')}`],
    "--authentication-token-webhook-config-file can't be used: ENOENT",
  ],
};

test.each(Object.entries(refused))('refused: %s', async (_, [args, message]) => {
  const asked = settings(args());
  await expect(asked).rejects.toThrow(UsageError);
  await expect(asked).rejects.toThrow(message);
});

test('where all is allowed, nobody is anonymous', async () => {
  expect(await settings([...base, '--authorization-mode=AlwaysAllow'])).toMatchObject({ anonymous: false });
  expect(await settings([...base, '--anonymous-auth=false'])).toMatchObject({ anonymous: false });
});

test.each(['v1', 'v1beta1', 'v1alpha1'])(
  'a file of version %s says who is believed, and who is anonymous',
  async (version) => {
    const text = configured(
      `jwt: ${issuerOf('https://a.example')}\nanonymous:\n  enabled: true\n  conditions: [{ path: /livez }, { path: /readyz }]`,
      version,
    );
    const found = await settings([...base, `--authentication-config=${file('good.yaml', text)}`]);
    expect(found.jwt?.authenticators).toHaveLength(1);
    expect(found.jwt?.algorithms).toBeUndefined();
    expect(found.anonymous).toEqual({ enabled: true, paths: new Set(['/livez', '/readyz']) });
  },
);

test('a webhook is asked as its kubeconfig says', async () => {
  const kubeconfig = file(
    'webhook.yaml',
    'clusters: [{ name: c, cluster: { server: "https://w.example/reviews" } }]\ncontexts: [{ name: x, context: { cluster: c, user: "" } }]\ncurrent-context: x\n',
  );
  const { tokenWebhook } = await settings([
    ...base,
    `--authentication-token-webhook-config-file=${kubeconfig}`,
    '--authentication-token-webhook-cache-ttl=5s',
  ]);
  expect(tokenWebhook).toMatchObject({ version: 'v1beta1', cacheTtl: 5000 });
});

test('what a file comes to say is passed on, if it can be used', async () => {
  const clock = new FakeClock();
  const path = file('followed.yaml', configured(`jwt: ${issuerOf('https://a.example')}`));
  const { jwt } = await settings([...base, `--authentication-config=${path}`], clock);
  const stop = new AbortController();
  const seen: (readonly string[])[] = [];
  const change = async (next: readonly CompiledJwt[]): Promise<void> => {
    seen.push(next.map(({ configuration }) => configuration.issuer.url));
  };
  const following = jwt?.follow?.(change, stop.signal);
  await clock.advance(10_000);
  expect(seen).toEqual([]);
  file('followed.yaml', configured(`jwt: ${issuerOf('https://a.example')}${issuerOf('https://b.example')}`));
  await clock.advance(10_000);
  expect(seen).toEqual([['https://a.example', 'https://b.example']]);
  for (const bad of ['jwt: [', 'anonymous: { enabled: false }']) {
    file('followed.yaml', configured(bad));
    await clock.advance(10_000);
  }
  expect(seen).toHaveLength(1);
  file('followed.yaml', configured('jwt: []'));
  await clock.advance(10_000);
  expect(seen[1]).toEqual([]);
  stop.abort();
  await following;
});

test('proxies that may be anybody are not of the authority of clients', async () => {
  const [one, other] = await Promise.all([testAuthority(), testAuthority()]);
  expect(() => refuseOverlap(`${one.cert}\n${other.cert}`, one.cert, [])).toThrow(
    '--requestheader-client-ca-file and --client-ca-file contain overlapping certificates; --requestheader-allowed-names must be specified',
  );
  refuseOverlap(one.cert, one.cert, ['front-proxy']);
  refuseOverlap(one.cert, other.cert, []);
});
