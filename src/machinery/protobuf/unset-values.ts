/**
 * Optional numbers and booleans that are no pointers in upstream's Go types. There zero and false mean "not set", and
 * protobuf writes them all the same; in all other fields a zero or false on the wire was meant.
 */
const unset: Readonly<Record<string, readonly string[]>> = {
  ContainerPort: ['hostPort'],
  Probe: ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'],
  Container: ['stdin', 'stdinOnce', 'tty'],
  EphemeralContainer: ['stdin', 'stdinOnce', 'tty'],
  VolumeMount: ['readOnly'],
  PodSpec: ['hostNetwork', 'hostPID', 'hostIPC'],
  ServicePort: ['nodePort'],
  ServiceSpec: ['healthCheckNodePort', 'publishNotReadyAddresses'],
  DeploymentSpec: ['minReadySeconds', 'paused'],
  ReplicaSetSpec: ['minReadySeconds'],
  NodeSpec: ['unschedulable'],
  ObjectMeta: ['generation'],
  Event: ['count', 'deprecatedCount'],
};

/** Whether a zero or false in this field of a struct says only that it was not set. */
export function isUnsetWhenZero(struct: string, field: string): boolean {
  return unset[struct]?.includes(field) ?? false;
}
