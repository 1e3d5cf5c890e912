/** Flags that several verbs share, each stated once. */
import { arrayFlag, boolFlag, durationFlag, sliceFlag, textFlag } from '../command/flags.ts';

/** `-f` and `-R`. */
export function fileFlags(purpose: string) {
  return {
    filename: sliceFlag(`Filename, directory, or URL to files ${purpose}`, { short: 'f' }),
    recursive: boolFlag(
      'Process the directory used in -f, --filename recursively. Useful when you want to manage related manifests organized within the same directory.',
      { short: 'R' },
    ),
    kustomize: textFlag("Process the kustomization directory. This flag can't be used together with -f or -R.", {
      short: 'k',
    }),
  } as const;
}

/** `-l` */
export const selectorFlag = {
  selector: textFlag(
    "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.(e.g. -l key1=value1,key2=value2,key3 in (value3)). Matching objects must satisfy all of the specified label constraints.",
    { short: 'l' },
  ),
} as const;

/** `-A` */
export const allNamespacesFlag = {
  'all-namespaces': boolFlag(
    'If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.',
    { short: 'A' },
  ),
} as const;

/** `-o` of verbs that print objects, with `--template` and `--show-managed-fields`. */
export const printFlags = {
  output: textFlag(
    'Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file).',
    { short: 'o' },
  ),
  template: textFlag(
    'Template string or path to template file to use when -o=go-template, -o=go-template-file. The template format is golang templates [http://golang.org/pkg/text/template/#pkg-overview].',
  ),
  'allow-missing-template-keys': boolFlag(
    'If true, ignore any errors in templates when a field or map key is missing in the template. Only applies to golang and jsonpath output formats.',
    { initial: true },
  ),
  'show-managed-fields': boolFlag('If true, keep the managedFields when printing objects in JSON or YAML format.'),
} as const;

/** `--dry-run` and `--field-manager`. */
export const dryRunFlags = {
  'dry-run': textFlag(
    'Must be "none", "server", or "client". If client strategy, only print the object that would be sent, without sending it. If server strategy, submit server-side request without persisting the resource.',
    { initial: 'none', bare: 'unchanged', shown: "'none'" },
  ),
} as const;

/** `--field-manager` */
export function fieldManagerFlag(initial: string) {
  return { 'field-manager': textFlag('Name of the manager used to track field ownership.', { initial }) } as const;
}

/** `--validate`, `--save-config` */
export const validateFlag = {
  validate: textFlag(
    'Must be one of: strict (or true), warn, ignore (or false). "true" or "strict" will use a schema to validate the input and fail the request if invalid. "warn" will warn about unknown or duplicate fields without blocking the request if server-side field validation is enabled on the API server, and behave as "ignore" otherwise. "false" or "ignore" will not perform any schema validation, silently dropping any unknown or duplicate fields.',
    { initial: 'strict', bare: 'strict' },
  ),
} as const;

/** `--save-config` */
export const saveConfigFlag = {
  'save-config': boolFlag(
    'If true, the configuration of current object will be saved in its annotation. Otherwise, the annotation will be unchanged. This flag is useful when you want to perform kubectl apply on this object in the future.',
  ),
} as const;

/** `--overrides` and its kin. */
export const overrideFlags = {
  overrides: textFlag(
    'An inline JSON override for the generated object. If this is non-empty, it is used to override the generated object. Requires that the object supply a valid apiVersion field.',
  ),
  'override-type': textFlag('The method used to override the generated object: json, merge, or strategic.', {
    initial: 'merge',
  }),
} as const;

/** `--env`, which may be repeated. */
export const envFlag = {
  env: arrayFlag('Environment variables to set in the container.'),
} as const;

/** `-c`, `-i`, `-t`, `-q` and the wait for a pod: how `exec` and `attach` reach a container. */
export const remoteSessionFlags = {
  container: textFlag(
    'Container name. If omitted, use the kubectl.kubernetes.io/default-container annotation for selecting the container to be attached or the first container in the pod will be chosen',
    { short: 'c' },
  ),
  'pod-running-timeout': durationFlag(
    'The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one pod is running',
    { initial: 60_000, shown: '1m0s' },
  ),
  quiet: boolFlag('Only print output from the remote session', { short: 'q' }),
  stdin: boolFlag('Pass stdin to the container', { short: 'i' }),
  tty: boolFlag('Stdin is a TTY', { short: 't' }),
} as const;
