import { PodCertificateRequest } from '../../api/certificates/pod-certificate-request.ts';
import { again, defineController, done } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';

/** Milliseconds after which a request has been answered, or never will be. Source: kube-controller-manager's certificates.go. */
const lifetime = 15 * 60_000;

/** Deletes requests for pods' certificates a quarter of an hour after they were made: the kubelet has its answer. */
export const podCertificateRequestCleaner = defineController({
  name: 'podcertificaterequestcleaner',
  for: PodCertificateRequest,
  rbac: { [PodCertificateRequest.qualified]: ['delete', 'get', 'list', 'watch'] },
  async reconcile(key, { cache, client, clock, log, signal }) {
    const request = cache.get(PodCertificateRequest, key);
    if (!request) return done;
    const { uid, creationTimestamp } = request.metadata;
    const remaining = Date.parse(creationTimestamp) + lifetime - clock.now();
    if (remaining > 0) return again(remaining);
    await client.delete(PodCertificateRequest, keyOf(request), { preconditions: { uid }, signal });
    log.info("Cleaned a request for a pod's certificate", { pcr: key });
    return done;
  },
});
