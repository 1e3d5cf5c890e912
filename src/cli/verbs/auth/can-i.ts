import { boolFlag, textFlag } from '../../command/flags.ts';
import { CommandError, ExitStatus } from '../../command/command-error.ts';
import { defineVerb } from '../../command/verb.ts';
import type { Invocation } from '../../command/verb.ts';
import { ruleLines } from '../../describe/describe-rbac.ts';
import { TabWriter } from '../../output/tab-writer.ts';
import { valueAt } from '../../resource/kube-object.ts';
import { allNamespacesFlag } from '../shared-flags.ts';

const flags = {
  ...allNamespacesFlag,
  list: boolFlag('If true, prints all allowed actions.'),
  'no-headers': boolFlag('If true, prints allowed actions without headers'),
  quiet: boolFlag('If true, suppress output and just return the exit code.', { short: 'q' }),
  subresource: textFlag('SubResource such as pod/log or deployment/scale'),
} as const;

/** `kubectl auth can-i` */
export const canI = defineVerb({
  usage: 'auth can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]',
  long: `Check whether an action is allowed.

 VERB is a logical Kubernetes API verb like 'get', 'list', 'watch', 'delete', etc. TYPE is a Kubernetes resource. Shortcuts and groups will be resolved. NONRESOURCEURL is a partial URL that starts with "/". NAME is the name of a particular Kubernetes resource. This command pairs nicely with impersonation. See --as global flag.`,
  examples: `# Check to see if I can create pods in any namespace
kubectl auth can-i create pods --all-namespaces

# Check to see if I can list deployments in my current namespace
kubectl auth can-i list deployments.apps

# Check to see if service account "foo" of namespace "dev" can list pods in the namespace "prod"
kubectl auth can-i list pods --as=system:serviceaccount:dev:foo -n prod

# Check to see if I can get the subresource "log" of pods
kubectl auth can-i get pods --subresource=log

# List all allowed actions in namespace "foo"
kubectl auth can-i --list --namespace=foo`,
  flags,
  async run(invocation) {
    if (invocation.flags.list) return listAllowed(invocation);
    return ask(invocation);
  },
});

async function ask({ args, flags: given, session, io }: Invocation<typeof flags>): Promise<void> {
  const [verb, what, named] = args;
  if (verb === undefined || what === undefined || args.length > 3) {
    throw new CommandError(
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
    );
  }
  const namespace = given['all-namespaces'] ? '' : session.namespace.name;
  const spec = what.startsWith('/')
    ? { nonResourceAttributes: { path: what, verb } }
    : { resourceAttributes: await resourceAttributes() };
  const answer: unknown = await session.connection.json({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', metadata: {}, spec },
  });
  const allowed = valueAt(answer, 'status', 'allowed') === true;
  const reason = valueAt(answer, 'status', 'reason');
  if (!given.quiet) io.stdout.write(allowed ? 'yes\n' : `no${reason ? ` - ${String(reason)}` : ''}\n`);
  if (!allowed) throw new ExitStatus(1);

  async function resourceAttributes(): Promise<Record<string, string>> {
    const [type = '', inline] = (what ?? '').split('/', 2);
    const name = inline ?? named ?? '';
    const found = type === '*' ? { group: '*', plural: '*', namespaced: true } : await known(type);
    if (!found.namespaced && !given['all-namespaces'] && type !== '*') {
      io.stderr.write(
        `Warning: resource '${found.plural}' is not namespace scoped${found.group ? ` in group '${found.group}'` : ''}\n\n`,
      );
    }
    return {
      namespace,
      verb: verb ?? '',
      group: found.group,
      resource: found.plural,
      subresource: given.subresource,
      name,
    };
  }

  async function known(
    type: string,
  ): Promise<{ readonly group: string; readonly plural: string; readonly namespaced: boolean }> {
    try {
      return (await session.mapper()).resource(type);
    } catch {
      io.stderr.write(`Warning: the server doesn't have a resource type '${type}'\n\n`);
      const [plural = '', ...group] = type.split('.');
      return { group: group.join('.'), plural, namespaced: true };
    }
  }
}

async function listAllowed({ flags: given, session, io }: Invocation<typeof flags>): Promise<void> {
  const answer: unknown = await session.connection.json({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      metadata: {},
      spec: { namespace: session.namespace.name },
    },
  });
  type Rules = Parameters<typeof ruleLines>[0];
  const resources = (valueAt(answer, 'status', 'resourceRules') ?? []) as Rules;
  const urls = (valueAt(answer, 'status', 'nonResourceRules') ?? []) as Rules;
  const writer = new TabWriter((text) => io.stdout.write(text));
  if (!given['no-headers']) writer.write('Resources\tNon-Resource URLs\tResource Names\tVerbs\n');
  for (const line of ruleLines([...resources, ...urls])) writer.write(`${line}\n`);
  writer.flush();
  if (valueAt(answer, 'status', 'incomplete') === true) {
    io.stderr.write(
      `warning: the list may be incomplete: ${String(valueAt(answer, 'status', 'evaluationError') ?? '')}\n`,
    );
  }
}
