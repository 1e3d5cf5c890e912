import { timestamp } from '../../../base/clock.ts';
import { hasReason } from '../../../base/errors.ts';
import { createChangePrinter } from '../../change/change-output.ts';
import { CommandError, throwCollected } from '../../command/command-error.ts';
import { boolFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';
import type { Invocation } from '../../command/verb.ts';
import { asKubeObject, valueAt } from '../../resource/kube-object.ts';
import type { KubeObject } from '../../resource/kube-object.ts';
import { apiPath } from '../../resource/resource-path.ts';
import { fetchTarget, resolveTargets } from '../../resource/targets.ts';
import type { FoundObject, Target } from '../../resource/targets.ts';
import { fileFlags, printFlags } from '../shared-flags.ts';

const flagsOf = (answered: string) =>
  ({
    ...fileFlags('identifying the resource to update'),
    ...printFlags,
    force: boolFlag(`Update the CSR even if it is already ${answered}.`),
  }) as const;

/** How requests are answered. */
interface Answer {
  readonly operation: string;
  readonly condition: string;
  /** What a request that has this answer can't be any more. */
  readonly opposite: string;
  readonly reason: string;
  readonly message: string;
}

/** `kubectl certificate approve` */
export const certificateApprove = defineVerb({
  usage: 'certificate approve (-f FILENAME | NAME)',
  long: `Approve a certificate signing request.

 kubectl certificate approve allows a cluster admin to approve a certificate signing request (CSR). This action tells a certificate signing controller to issue a certificate to the requester with the attributes requested in the CSR.

 SECURITY NOTICE: Depending on the requested attributes, the issued certificate can potentially grant a requester access to cluster resources or to authenticate as a requested identity. Before approving a CSR, ensure you understand what the signed certificate can do.`,
  examples: `# Approve CSR 'csr-sqgzp'
kubectl certificate approve csr-sqgzp`,
  flags: flagsOf('approved'),
  run: (invocation) =>
    answerRequests(invocation, {
      operation: 'approved',
      condition: 'Approved',
      opposite: 'Denied',
      reason: 'KubectlApprove',
      message: 'This CSR was approved by kubectl certificate approve.',
    }),
});

/** `kubectl certificate deny` */
export const certificateDeny = defineVerb({
  usage: 'certificate deny (-f FILENAME | NAME)',
  long: `Deny a certificate signing request.

 kubectl certificate deny allows a cluster admin to deny a certificate signing request (CSR). This action tells a certificate signing controller to not to issue a certificate to the requester.`,
  examples: `# Deny CSR 'csr-sqgzp'
kubectl certificate deny csr-sqgzp`,
  flags: flagsOf('denied'),
  run: (invocation) =>
    answerRequests(invocation, {
      operation: 'denied',
      condition: 'Denied',
      opposite: 'Approved',
      reason: 'KubectlDeny',
      message: 'This CSR was denied by kubectl certificate deny.',
    }),
});

type AnswerInvocation = Invocation<ReturnType<typeof flagsOf>>;

async function answerRequests(invocation: AnswerInvocation, answer: Answer): Promise<void> {
  const { args, flags: given, session, io } = invocation;
  const print = await createChangePrinter(io, given, { dryRun: 'none' });
  if (args.length === 0 && given.filename.length === 0)
    throw new CommandError('one or more CSRs must be specified as <name> or -f <filename>');
  if (args.length > 0 && given.filename.length > 0)
    throw new CommandError('resource/name arguments cannot be provided when a path is specified');
  const targets = await resolveTargets(session, io, {
    args: args.map((name) => (name.includes('/') ? name : `certificatesigningrequests/${name}`)),
    filenames: given.filename,
    recursive: given.recursive,
  });
  const errors: unknown[] = [];
  for (const target of targets) {
    try {
      if (target.resource.namespaced) throw inNamespace(target);
      for (const found of await fetchTarget(session, target)) {
        await answerOne(invocation, found, answer);
        print(found.object, answer.operation);
      }
    } catch (error) {
      errors.push(error);
    }
  }
  throwCollected(errors);
}

/** What is in a namespace is no request; none is looked for. */
function inNamespace({ resource: { group, version, plural }, name, manifest }: Target): CommandError {
  if (!manifest) return new CommandError('namespace may not be empty when retrieving a resource by name');
  return new CommandError(
    `no namespace set on resource ${group}/${version}, Resource=${plural} ${JSON.stringify(name)}`,
  );
}

/** How often a request that others change at the same time is answered again. Source: kubectl's certificates.go. */
const mostTries = 10;

async function answerOne(
  { flags: given, session, io }: AnswerInvocation,
  { target: { resource, name }, object }: FoundObject,
  answer: Answer,
): Promise<void> {
  if (object.kind !== 'CertificateSigningRequest' || resource.group !== 'certificates.k8s.io') {
    throw new CommandError(
      `can only handle CertificateSigningRequest.certificates.k8s.io objects, got ${kindText(object)}`,
    );
  }
  const path = apiPath(resource, { name, subresource: 'approval' });
  let request = object;
  for (let tries = 0; ; tries++) {
    const changed = withAnswer(request, answer, timestamp(io.clock.now()));
    if (changed === request && !given.force) return;
    try {
      await session.connection.json({ method: 'PUT', path, body: changed });
      return;
    } catch (error) {
      if (!hasReason(error, 'Conflict') || tries >= mostTries) throw error;
    }
    request = asKubeObject(await session.connection.json({ path: apiPath(resource, { name }) }));
  }
}

/** The request with its answer; the same if it has it. Throws for one that has the opposite. */
function withAnswer(request: KubeObject, answer: Answer, now: string): KubeObject {
  const { condition: type, opposite, reason, message } = answer;
  const found = valueAt(request, 'status', 'conditions');
  const conditions: readonly unknown[] = Array.isArray(found) ? found : [];
  const types = conditions.map((condition) => valueAt(condition, 'type'));
  if (types.includes(opposite)) {
    const { name = '' } = request.metadata;
    throw new CommandError(`certificate signing request ${JSON.stringify(name)} is already ${opposite}`);
  }
  if (types.includes(type)) return request;
  const added = { type, status: 'True', reason, message, lastUpdateTime: now };
  const status = { ...(valueAt(request, 'status') as object | undefined), conditions: [...conditions, added] };
  return { ...request, status };
}

/** `Deployment.apps`, as Go shows a kind with its group. */
function kindText({ apiVersion, kind }: KubeObject): string {
  const [group = ''] = apiVersion.includes('/') ? apiVersion.split('/') : [];
  return group === '' ? kind : `${kind}.${group}`;
}
