/**
 * ComponentStatuses, which are made when they are asked for: how the store and the components that lead are. Upstream asks
 * their health ports on this machine; here a component says itself that it lives, by the lease that it leads with.
 * Source: kubernetes' registry/core/componentstatus.
 */
import { Lease } from '../../api/coordination/lease.ts';
import { ComponentStatus } from '../../api/core/component-status.ts';
import { messageOf } from '../../base/errors.ts';
import type { ApiObject } from '../../machinery/resource.ts';
import { StoredObject } from '../cache/stored-object.ts';
import type { ObjectSelection } from '../cache/selection.ts';
import type { HandlerContext } from './handler-context.ts';

/** What is wrong with a component; undefined when nothing is. */
type Fault = string | undefined;

/** The selected ones, in the order of their names. `inProcess` tells which components have a client in this process. */
export function componentStatuses(
  context: HandlerContext,
  { name, matches }: Pick<ObjectSelection, 'name' | 'matches'>,
  inProcess: (component: string) => boolean,
): readonly StoredObject[] {
  const leader = (component: string): Fault => leaderFault(context, component, inProcess);
  const { failure } = context.storeHealth;
  const all = [
    statusOf('controller-manager', leader('kube-controller-manager')),
    statusOf('etcd-0', failure === undefined ? undefined : messageOf(failure)),
    statusOf('scheduler', leader('kube-scheduler')),
  ];
  return all.filter((one) => (name === undefined || one.object.metadata.name === name) && (!matches || matches(one)));
}

function leaderFault(
  { caches, clock }: HandlerContext,
  component: string,
  inProcess: (component: string) => boolean,
): Fault {
  const key = { namespace: 'kube-system', name: component };
  const lease = caches.of(Lease).get(key)?.object as Lease | undefined;
  const { holderIdentity, renewTime, leaseDurationSeconds = 0 } = lease?.spec ?? {};
  // Who shares a process with the only server need not be elected.
  if (!holderIdentity || !renewTime) {
    return inProcess(component) ? undefined : `nobody holds the lease ${key.namespace}/${component}`;
  }
  if (Date.parse(renewTime) + leaseDurationSeconds * 1000 > clock.now()) return undefined;
  return `${holderIdentity} has not renewed the lease ${key.namespace}/${component} since ${renewTime}`;
}

function statusOf(name: string, fault: Fault): StoredObject {
  const health = fault === undefined ? { status: 'True', message: 'ok' } : { status: 'False', message: fault };
  const { apiVersion, kind } = ComponentStatus;
  const metadata = { name };
  const object = { apiVersion, kind, metadata, conditions: [{ type: 'Healthy', ...health }] };
  return StoredObject.unstored(object as unknown as ApiObject);
}
