import type { ServerTls } from '../../apiserver/http/listener.ts';
import type { ProxyClient } from '../../apiserver/aggregation/remote-server.ts';
import type { TlsOptions } from '../../client/streaming/upgrade-request.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { UsageError } from '../config/cluster-config.ts';
import { FollowedFiles } from '../pki/followed-files.ts';
import type { ApiServerFlags } from './api-server-flags.ts';
import { readFlagFile } from './common-flags.ts';
import { tlsLimits } from './serving-flags.ts';

/**
 * Flags whose files are read again when they change. The authorities of front proxies are not among them: who is a proxy is
 * settled when the server starts.
 */
const followedFlags = [
  'tls-cert-file',
  'tls-private-key-file',
  'client-ca-file',
  'kubelet-client-certificate',
  'kubelet-client-key',
  'kubelet-certificate-authority',
  'proxy-client-cert-file',
  'proxy-client-key-file',
] as const;

type FollowedFlag = (typeof followedFlags)[number];

const pairs: readonly (readonly [FollowedFlag, FollowedFlag])[] = [
  ['kubelet-client-certificate', 'kubelet-client-key'],
  ['proxy-client-cert-file', 'proxy-client-key-file'],
];

/** The certificates that an API server's flags name, as its files have them at the moment. */
export class ApiServerCertificates {
  readonly files: FollowedFiles<string>;
  readonly #flags: ApiServerFlags;
  readonly #proxyAuthorities: readonly string[];

  /** Throws UsageError for files that can't be read and pairs that lack a half. */
  constructor(flags: ApiServerFlags) {
    for (const [certificate, key] of pairs)
      if ((flags[certificate] === undefined) !== (flags[key] === undefined))
        throw new UsageError(`--${certificate} and --${key} must be given together`);
    const given = followedFlags.flatMap((flag) => {
      const path = flags[flag];
      return path === undefined ? [] : [[flag, path] as const];
    });
    for (const [flag, path] of given) readFlagFile(path, `--${flag}`);
    const proxies = flags['requestheader-client-ca-file'];
    this.#proxyAuthorities = proxies === undefined ? [] : [readFlagFile(proxies, '--requestheader-client-ca-file')];
    this.#flags = flags;
    this.files = new FollowedFiles(Object.fromEntries(given));
  }

  /** The authorities of clients, PEM. */
  get clientAuthorities(): string | undefined {
    return this.#text('client-ca-file');
  }

  /** The authorities of front proxies, PEM. */
  get proxyAuthorities(): string | undefined {
    return this.#proxyAuthorities[0];
  }

  /** What the listener is to use; `made` where the flags name no certificate. */
  serving(made: KeyPair): ServerTls {
    const clients = this.clientAuthorities;
    return {
      ...tlsLimits(this.#flags),
      cert: this.#text('tls-cert-file') ?? made.certificate,
      key: this.#text('tls-private-key-file') ?? made.key,
      clientCa: [...(clients === undefined ? [] : [clients]), ...this.#proxyAuthorities],
    };
  }

  /** How the server proves itself to kubelets, and knows them; read for each connection. */
  kubelet(): TlsOptions {
    const text = (flag: FollowedFlag): string | undefined => this.#text(flag);
    return {
      rejectUnauthorized: text('kubelet-certificate-authority') !== undefined,
      get cert() {
        return text('kubelet-client-certificate');
      },
      get key() {
        return text('kubelet-client-key');
      },
      get ca() {
        return text('kubelet-certificate-authority');
      },
    };
  }

  /** How the server proves itself to aggregated ones; read for each connection. */
  proxyClient(): ProxyClient | undefined {
    if (this.#text('proxy-client-cert-file') === undefined) return undefined;
    const text = (flag: FollowedFlag): string => this.#text(flag) ?? '';
    return {
      get cert() {
        return text('proxy-client-cert-file');
      },
      get key() {
        return text('proxy-client-key-file');
      },
    };
  }

  #text(flag: FollowedFlag): string | undefined {
    return this.files.texts[flag];
  }
}
