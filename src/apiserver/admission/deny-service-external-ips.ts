/**
 * Lets no Service take over addresses that are not the cluster's: whoever may write Services could otherwise have the
 * traffic to any address for himself (CVE-2020-8554). Source: plugin/pkg/admission/network/denyserviceexternalips.
 */
import { Service } from '../../api/core/service.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { admittedObject } from './admitted-object.ts';
import { refusal } from './refusal.ts';

/** Upstream's DenyServiceExternalIPs; here it is on by default. */
export const denyServiceExternalIPs: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  concerns: [Service.qualified],
  validate(request) {
    const addresses = admittedObject(request, Service)?.spec.externalIPs ?? [];
    if (addresses.length === 0) return;
    const before = (request.old as Service | undefined)?.spec.externalIPs ?? [];
    if (addresses.every((address) => before.includes(address))) return;
    throw refusal(request, 'Use of external IPs is denied by admission control');
  },
};
