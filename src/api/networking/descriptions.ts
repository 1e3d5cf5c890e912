/** What ingresses, network policies and the like and their fields are for. */
import type { Descriptions } from '../../machinery/descriptions.ts';

const ports = 'Ports; all if none is named.';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  Ingress: { '': 'Leads HTTP requests from outside to Services, by host and path.' },
  IngressSpec: {
    '': 'Which requests go where.',
    ingressClassName: 'Name of the IngressClass: who does it.',
    defaultBackend: 'Where requests go that no rule fits.',
    tls: 'Certificates by host.',
    rules: 'Where requests go, by host.',
  },
  IngressBackend: {
    '': 'Where requests go; one of these.',
    service: 'A Service of the namespace.',
    resource: 'Another object of the namespace.',
  },
  IngressServiceBackend: { '': 'A port of a Service.', name: 'Name of the Service.', port: 'The port.' },
  ServiceBackendPort: { '': 'A port, by name or number.', name: 'Its name.', number: 'Its number.' },
  IngressTLS: {
    '': 'A certificate.',
    hosts: 'Hosts that it is for.',
    secretName: 'Secret of the type kubernetes.io/tls.',
  },
  IngressRule: {
    '': 'Where the requests for a host go.',
    host: 'The host, or `*.domain`; all by default.',
    http: 'Where they go, by path.',
  },
  HTTPIngressRuleValue: { '': 'Where requests go, by path.', paths: 'The paths.' },
  HTTPIngressPath: {
    '': 'Where the requests for a path go.',
    path: 'The path.',
    pathType: 'Exact, Prefix or ImplementationSpecific.',
    backend: 'Where they go.',
  },
  IngressStatus: { '': 'Where an Ingress can be reached.', loadBalancer: 'Its load balancer.' },
  IngressLoadBalancerStatus: { '': 'A load balancer.', ingress: 'Where it can be reached.' },
  IngressLoadBalancerIngress: {
    '': 'Where a load balancer can be reached.',
    ip: 'Its address.',
    hostname: 'Its name.',
    ports: 'State of its ports.',
  },
  IngressPortStatus: {
    '': 'State of a port.',
    port: 'The port.',
    protocol: 'TCP, UDP or SCTP.',
    error: 'What went wrong.',
  },
  IngressClass: { '': 'Says who looks after Ingresses.' },
  IngressClassSpec: {
    '': 'Who looks after Ingresses.',
    controller: 'Name of the controller: `example.com/ingress`.',
    parameters: 'An object with its settings.',
  },
  IngressClassParametersReference: {
    '': 'Names an object with settings.',
    apiGroup: 'Group of its kind; empty for core.',
    kind: 'Its kind.',
    name: 'Its name.',
    scope: 'Cluster or Namespace.',
    namespace: 'Its namespace.',
  },
  NetworkPolicy: { '': 'Says who may talk to some pods, and to whom these may.' },
  NetworkPolicySpec: {
    '': 'Which pods, and what is allowed.',
    podSelector: 'Labels of the pods; empty for all of the namespace.',
    ingress: 'What may come in; nothing if empty.',
    egress: 'What may go out; nothing if empty.',
    policyTypes: 'Ingress, Egress or both: which directions this is about.',
  },
  NetworkPolicyIngressRule: { '': 'What may come in.', ports, from: 'From whom; all if none is named.' },
  NetworkPolicyEgressRule: { '': 'What may go out.', ports, to: 'To whom; all if none is named.' },
  NetworkPolicyPort: {
    '': 'A port or a range of ports.',
    protocol: 'TCP, UDP or SCTP; TCP by default.',
    port: 'Number or name; all by default.',
    endPort: 'The last port of a range.',
  },
  NetworkPolicyPeer: {
    '': 'Who is meant.',
    podSelector: 'Labels of pods; of this namespace unless namespaceSelector is there.',
    namespaceSelector: 'Labels of namespaces.',
    ipBlock: 'A network.',
  },
  IPBlock: { '': 'A network.', cidr: 'The network.', except: 'Parts of it that are not meant.' },
  IPAddress: { '': 'An address that is taken.' },
  IPAddressSpec: { '': 'Who has an address.', parentRef: 'The object that has it.' },
  ParentReference: {
    '': 'Names an object.',
    group: 'Group of its resource.',
    resource: 'Its resource.',
    namespace: 'Its namespace.',
    name: 'Its name.',
  },
  ServiceCIDR: { '': 'Addresses for Services.' },
  ServiceCIDRSpec: { '': 'The networks.', cidrs: 'One network, or one of each family.' },
  ServiceCIDRStatus: { '': 'State of the networks.', conditions: 'What is the case.' },
};
