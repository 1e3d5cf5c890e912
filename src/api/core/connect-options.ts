/** What connections to pods, services and nodes are asked for with: their query, as admission sees it. Source: core/v1. */
import { bool, int32, list, nodesOf, text } from '../../machinery/schema.ts';
import type { Fields, StructNode } from '../../machinery/schema.ts';

/** The kind of a connection's options: it is never stored, and has no metadata. */
export interface ConnectOptions {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: StructNode;
}

function defineOptions(kind: string, fields: Fields): ConnectOptions {
  const typed = { kind: text(0).optional(), apiVersion: text(0).optional(), ...fields };
  return {
    group: '',
    version: 'v1',
    kind,
    schema: { kind: 'struct', name: kind, fields: nodesOf(typed), atomic: false },
  };
}

const streams = {
  stdin: bool(1).omitEmpty(),
  stdout: bool(2).omitEmpty(),
  stderr: bool(3).omitEmpty(),
  tty: bool(4).omitEmpty(),
  container: text(5).omitEmpty(),
};
const path = { path: text(1).omitEmpty() };

/** The options of each connection, by plural and subresource. */
export const connectOptions: Readonly<Record<string, ConnectOptions>> = {
  'pods/exec': defineOptions('PodExecOptions', { ...streams, command: list(6, text) }),
  'pods/attach': defineOptions('PodAttachOptions', streams),
  'pods/portforward': defineOptions('PodPortForwardOptions', { ports: list(1, int32).optional() }),
  'pods/proxy': defineOptions('PodProxyOptions', path),
  'services/proxy': defineOptions('ServiceProxyOptions', path),
  'nodes/proxy': defineOptions('NodeProxyOptions', path),
};
