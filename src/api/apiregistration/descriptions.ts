/** What API services and their fields are for. */
import type { Descriptions } from '../../machinery/descriptions.ts';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  APIService: { '': 'Says who serves a version of a group.' },
  APIServiceSpec: {
    '': 'Which version of which group, and who serves it.',
    service: 'The Service behind which it is served; this server if absent.',
    group: 'The group.',
    version: 'The version.',
    insecureSkipTLSVerify: 'Whether the certificate of the other server is not checked.',
    caBundle: 'Authorities of that certificate, PEM.',
    groupPriorityMinimum: 'How important the group is among groups; higher comes first.',
    versionPriority: 'How important the version is among those of the group; higher comes first.',
  },
  ServiceReference: {
    '': 'Names a port of a Service.',
    namespace: 'Its namespace.',
    name: 'Its name.',
    port: 'The port; 443 by default.',
  },
  APIServiceStatus: { '': 'Whether it can be used.', conditions: 'What is the case: Available.' },
};
