/** The operations of the discovery documents, which are documents of their own. */
import { idGroup, tagGroup } from './operations.ts';
import type { Operation } from './operations.ts';
import type { metaDocuments } from '../../machinery/meta-documents.ts';

interface DiscoveryPath {
  readonly path: string;
  readonly id: string;
  readonly tag: string;
  readonly description: string;
  readonly answer: keyof typeof metaDocuments;
}

function operation({ answer, ...place }: DiscoveryPath): Operation {
  return {
    ...place,
    method: 'get',
    action: undefined,
    kind: undefined,
    pathParameters: [],
    queryParameters: [],
    body: undefined,
    answer: { meta: answer },
    codes: [200],
  };
}

/** Of /api and /apis. */
export const rootOperations: Readonly<Record<'api' | 'apis', Operation>> = {
  api: operation({
    path: '/api/',
    id: 'getCoreAPIVersions',
    tag: 'core',
    description: 'get the versions of the core group',
    answer: 'APIVersions',
  }),
  apis: operation({
    path: '/apis/',
    id: 'getAPIVersions',
    tag: 'apis',
    description: 'get all groups',
    answer: 'APIGroupList',
  }),
};

/** Of /apis/GROUP. */
export function groupOperation(group: string): Operation {
  return operation({
    path: `/apis/${group}/`,
    id: `get${idGroup(group)}APIGroup`,
    tag: tagGroup(group),
    description: 'get the versions of this group',
    answer: 'APIGroup',
  });
}

/** Of /api/v1 and /apis/GROUP/VERSION. */
export function resourcesOperation(group: string, version: string): Operation {
  const name = `${version[0]?.toUpperCase() ?? ''}${version.slice(1)}`;
  return operation({
    path: group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`,
    id: `get${idGroup(group)}${name}APIResources`,
    tag: `${tagGroup(group)}_${version}`,
    description: 'get the resources of this version',
    answer: 'APIResourceList',
  });
}
