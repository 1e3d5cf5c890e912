/** The aggregated discovery document. Source: apidiscovery.k8s.io/v2. */
import { DraftMeta, GroupVersionKind, ListMeta } from './meta.ts';
import { defineStruct, list, struct, text } from './schema.ts';

const APISubresourceDiscovery = defineStruct('APISubresourceDiscovery', {
  subresource: text(1),
  responseKind: struct(2, GroupVersionKind).optional(),
  acceptedTypes: list(3, GroupVersionKind).optional(),
  verbs: list(4, text),
});

const APIResourceDiscovery = defineStruct('APIResourceDiscovery', {
  resource: text(1),
  responseKind: struct(2, GroupVersionKind).optional(),
  scope: text(3),
  singularResource: text(4),
  verbs: list(5, text),
  shortNames: list(6, text).optional(),
  categories: list(7, text).optional(),
  subresources: list(8, APISubresourceDiscovery).optional(),
});

const APIVersionDiscovery = defineStruct('APIVersionDiscovery', {
  version: text(1),
  resources: list(2, APIResourceDiscovery).optional(),
  freshness: text(3).omitEmpty(),
});

/** What one group serves. */
export const APIGroupDiscovery = defineStruct('APIGroupDiscovery', {
  kind: text(0).optional(),
  apiVersion: text(0).optional(),
  metadata: struct(1, DraftMeta).default({}),
  versions: list(2, APIVersionDiscovery).optional(),
});

/** What all groups serve. */
export const APIGroupDiscoveryList = defineStruct('APIGroupDiscoveryList', {
  kind: text(0).optional(),
  apiVersion: text(0).optional(),
  metadata: struct(1, ListMeta).default({}),
  items: list(2, APIGroupDiscovery),
});
