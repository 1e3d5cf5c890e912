import type { DocumentResponse } from '../ports.ts';

/** What /version says. Source: apimachinery's version.Info. */
export interface ServerVersion {
  /** Such as `v1.36.0+kubets`. */
  readonly gitVersion: string;
  readonly gitCommit?: string | undefined;
  /** RFC 3339. */
  readonly buildDate?: string | undefined;
}

/** The answer of /version. */
export function versionResponse(version: ServerVersion): DocumentResponse {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(version.gitVersion) ?? [];
  const info = {
    major,
    minor,
    gitVersion: version.gitVersion,
    gitCommit: version.gitCommit ?? '',
    gitTreeState: 'clean',
    buildDate: version.buildDate ?? '1970-01-01T00:00:00Z',
    goVersion: `node${process.versions.node}`,
    compiler: 'node',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(info, undefined, 2) };
}
