import { Pod } from './core/pod.ts';
import { Namespace } from './core/namespace.ts';
import { Node } from './core/node.ts';
import { Service } from './core/service.ts';
import { Endpoints } from './core/endpoints.ts';
import { ConfigMap } from './core/config-map.ts';
import { Secret } from './core/secret.ts';
import { ServiceAccount } from './core/service-account.ts';
import { Event } from './core/event.ts';
import { Binding } from './core/binding.ts';
import { ReplicaSet } from './apps/replica-set.ts';
import { Deployment } from './apps/deployment.ts';
import { Role } from './rbac/role.ts';
import { ClusterRole } from './rbac/cluster-role.ts';
import { RoleBinding } from './rbac/role-binding.ts';
import { ClusterRoleBinding } from './rbac/cluster-role-binding.ts';
import { Lease } from './coordination/lease.ts';
import { RuntimeClass } from './node/runtime-class.ts';
import { PriorityClass } from './scheduling/priority-class.ts';
import { EndpointSlice } from './discovery/endpoint-slice.ts';
import { Event as EventsV1Event } from './events/event.ts';
import { TokenReview } from './authentication/token-review.ts';
import { SelfSubjectReview } from './authentication/self-subject-review.ts';
import { SubjectAccessReview } from './authorization/subject-access-review.ts';
import { LocalSubjectAccessReview } from './authorization/local-subject-access-review.ts';
import { SelfSubjectAccessReview } from './authorization/self-subject-access-review.ts';
import { SelfSubjectRulesReview } from './authorization/self-subject-rules-review.ts';
import type { Resource } from '../machinery/resource.ts';

/** Every kind that the API server serves; a new kind is one line here. */
export const builtinResources: readonly Resource[] = [
  Pod,
  Namespace,
  Node,
  Service,
  Endpoints,
  ConfigMap,
  Secret,
  ServiceAccount,
  Event,
  Binding,
  ReplicaSet,
  Deployment,
  Role,
  ClusterRole,
  RoleBinding,
  ClusterRoleBinding,
  Lease,
  PriorityClass,
  RuntimeClass,
  EndpointSlice,
  EventsV1Event,
  TokenReview,
  SelfSubjectReview,
  SubjectAccessReview,
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
];
