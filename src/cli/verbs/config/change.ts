import type { Document } from 'yaml';
import { boolFlag, textFlag } from '../../command/flags.ts';
import { CommandError } from '../../command/command-error.ts';
import { defineVerb } from '../../command/verb.ts';
import { editKubeconfig, fileOfContext } from '../../kubeconfig/edit-kubeconfig.ts';

/** `kubectl config use-context` */
export const useContext = defineVerb({
  usage: 'config use-context CONTEXT_NAME',
  long: 'Set the current-context in a kubeconfig file.',
  examples: `# Use the context for the minikube cluster
kubectl config use-context minikube`,
  flags: {},
  async run({ args, session, io, command }) {
    const name = oneName(args, command);
    if (!session.kubeconfig.contexts.has(name)) throw new CommandError(`no context exists with the name: "${name}"`);
    editKubeconfig(fileOfContext(session.sources, name), (document) => document.set('current-context', name));
    io.stdout.write(`Switched to context "${name}".\n`);
  },
});

/** `kubectl config delete-context` */
export const deleteContext = defineVerb({
  usage: 'config delete-context NAME',
  long: 'Delete the specified context from the kubeconfig.',
  examples: `# Delete the context for the minikube cluster
kubectl config delete-context minikube`,
  flags: {},
  async run({ args, session, io, command }) {
    const name = oneName(args, command);
    const path = fileOfContext(session.sources, name);
    if (!session.kubeconfig.contexts.has(name)) throw new CommandError(`cannot delete context ${name}, not in ${path}`);
    if (session.kubeconfig['current-context'] === name) {
      io.stderr.write(
        'warning: this removed your active context, use "kubectl config use-context" to select a different one\n',
      );
    }
    editKubeconfig(path, (document) => {
      const at = contextIndex(document, name);
      if (at >= 0) document.deleteIn(['contexts', at]);
    });
    io.stdout.write(`deleted context ${name} from ${path}\n`);
  },
});

/** `kubectl config set-context` */
export const setContext = defineVerb({
  usage:
    'config set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]',
  long: `Set a context entry in kubeconfig.

 Specifying a name that already exists will merge new fields on top of existing values for those fields.`,
  examples: `# Set the user field on the gce context entry without touching other values
kubectl config set-context gce --user=cluster-admin

# Work in another namespace from now on
kubectl config set-context --current --namespace=test`,
  flags: {
    current: boolFlag('Modify the current context'),
    cluster: textFlag('cluster for the context entry in kubeconfig'),
    user: textFlag('user for the context entry in kubeconfig'),
    namespace: textFlag('namespace for the context entry in kubeconfig'),
  },
  async run({ args, flags, changed, session, io, command }) {
    const name = flags.current ? session.kubeconfig['current-context'] : oneName(args, command);
    if (name === '') throw new CommandError('no current context is set');
    const existed = session.kubeconfig.contexts.has(name);
    editKubeconfig(fileOfContext(session.sources, name), (document) => {
      const at = contextIndex(document, name);
      const index = at < 0 ? countOf(document) : at;
      if (at < 0) document.setIn(['contexts', index], document.createNode({ context: {}, name }));
      for (const key of ['cluster', 'namespace', 'user'] as const) {
        if (changed(key)) document.setIn(['contexts', index, 'context', key], flags[key]);
      }
    });
    io.stdout.write(`Context "${name}" ${existed ? 'modified' : 'created'}.\n`);
  },
});

function oneName(args: readonly string[], command: string): string {
  const [name] = args;
  if (name === undefined || args.length > 1) {
    throw new CommandError(`Unexpected args: [${args.join(' ')}]\nSee '${command} -h' for help and examples`);
  }
  return name;
}

function contextIndex(document: Document, name: string): number {
  const count = countOf(document);
  for (let at = 0; at < count; at += 1) if (document.getIn(['contexts', at, 'name']) === name) return at;
  return -1;
}

function countOf(document: Document): number {
  const { contexts } = (document.toJS() ?? {}) as { contexts?: readonly unknown[] | null };
  if (!contexts) document.set('contexts', document.createNode([]));
  return contexts?.length ?? 0;
}
