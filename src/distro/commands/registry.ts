import type { KubetsCommand } from '../command-line.ts';
import { agentCommand } from './agent.ts';
import { certsCommand } from './certs.ts';
import { checkCommand } from './check.ts';
import { dnsCommand } from './dns.ts';
import { downCommand } from './down.ts';
import { imageCommand } from './image.ts';
import { kubeApiServerCommand } from './kube-apiserver.ts';
import { kubeControllerManagerCommand } from './kube-controller-manager.ts';
import { kubeProxyCommand } from './kube-proxy.ts';
import { kubeSchedulerCommand } from './kube-scheduler.ts';
import { kubectlCommand } from './kubectl.ts';
import { kubeletCommand } from './kubelet.ts';
import { serverCommand } from './server.ts';
import { statusCommand } from './status.ts';
import { storeCommand } from './store.ts';
import { upCommand } from './up.ts';

/** Every command of `kubets`; a new one is a file and a line here. What a command needs to run, it imports when it runs. */
export const commands: readonly KubetsCommand[] = [
  upCommand,
  downCommand,
  statusCommand,
  kubectlCommand,
  imageCommand,
  storeCommand,
  certsCommand,
  checkCommand,
  serverCommand,
  agentCommand,
  kubeApiServerCommand,
  kubeControllerManagerCommand,
  kubeSchedulerCommand,
  kubeletCommand,
  kubeProxyCommand,
  dnsCommand,
];
