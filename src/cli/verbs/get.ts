import { arrayFlag, boolFlag, intFlag, sliceFlag, textFlag } from '../command/flags.ts';
import { usageError } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import { getObjects } from '../get/get-objects.ts';
import { getTables } from '../get/get-tables.ts';
import { watchObjects } from '../get/watch-objects.ts';
import { createObjectPrinter, parseOutputFormat } from '../output/object-printer.ts';
import { allNamespacesFlag, fileFlags, printFlags, selectorFlag } from './shared-flags.ts';

const flags = {
  ...fileFlags('identifying the resource to get from a server.'),
  ...selectorFlag,
  ...allNamespacesFlag,
  ...printFlags,
  'chunk-size': intFlag(
    'Return large lists in chunks rather than all at once. Pass 0 to disable. This flag is beta and may change in the future.',
    { initial: 500 },
  ),
  'field-selector': textFlag(
    "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type.",
  ),
  'ignore-not-found': boolFlag('If the requested object does not exist the command will return exit code 0.'),
  'label-columns': sliceFlag(
    'Accepts a comma separated list of labels that are going to be presented as columns. Names are case-sensitive. You can also use multiple flag options like -L label1 -L label2...',
    { short: 'L' },
  ),
  'no-headers': boolFlag(
    "When using the default or custom-column output format, don't print headers (default print headers).",
  ),
  'output-watch-events': boolFlag(
    'Output watch event objects when --watch or --watch-only is used. Existing objects are output as initial ADDED events.',
  ),
  raw: textFlag('Raw URI to request from the server.  Uses the transport specified by the kubeconfig file.'),
  'server-print': boolFlag(
    'If true, have the server return the appropriate table output. Supports extension APIs and CRDs.',
    { initial: true },
  ),
  'show-kind': boolFlag('If present, list the resource type for the requested object(s).'),
  'show-labels': boolFlag('When printing, show all labels as the last column (default hide labels column)'),
  'sort-by': textFlag(
    "If non-empty, sort list types using this field specification.  The field specification is expressed as a JSONPath expression (e.g. '{.metadata.name}'). The field in the API resource specified by this JSONPath expression must be an integer or a string.",
  ),
  subresource: textFlag('If specified, gets the subresource of the requested object.'),
  watch: boolFlag('After listing/getting the requested object, watch for changes.', { short: 'w' }),
  'watch-only': boolFlag('Watch for changes to the requested object(s), without listing/getting first.'),
  // Upstream accepts it too and does nothing with it any more.
  export: arrayFlag('', { hidden: true }),
} as const;

/** `kubectl get` */
export const get = defineVerb({
  usage:
    'get [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]',
  long: `Display one or many resources.

 Prints a table of the most important information about the specified resources. You can filter the list using a label selector and the --selector flag. If the desired resource type is namespaced you will only see results in the current namespace if you don't specify any namespace.

 By specifying the output as 'template' and providing a Go template as the value of the --template flag, you can filter the attributes of the fetched resources.

Use "kubectl api-resources" for a complete list of supported resources.`,
  examples: `# List all pods in ps output format
kubectl get pods

# List all pods in ps output format with more information (such as node name)
kubectl get pods -o wide

# List a single deployment with specified NAME in ps output format
kubectl get deployment web

# List a single pod in JSON output format
kubectl get -o json pod web-pod-13je7

# Return only the phase value of the specified pod
kubectl get -o template pod/web-pod-13je7 --template={{.status.phase}}

# List resource information in custom columns
kubectl get pod test-pod -o custom-columns=CONTAINER:.spec.containers[0].name,IMAGE:.spec.containers[0].image

# List all replica sets and services together in ps output format
kubectl get rs,services

# List one or more resources by their type and names
kubectl get services/frontend pods/web-pod-13je7

# Watch pods, printing every change
kubectl get pods --watch`,
  flags,
  async run({ args, flags, session, io, command }) {
    if (flags.raw) {
      const { text } = await session.connection.send({ path: flags.raw });
      io.stdout.write(text);
      return;
    }
    if (args.length === 0 && flags.filename.length === 0) {
      io.stderr.write(
        'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n',
      );
      throw usageError(
        command,
        'Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).',
      );
    }
    if (flags['output-watch-events'] && !flags.watch && !flags['watch-only']) {
      throw usageError(command, '--output-watch-events option can only be used with --watch or --watch-only');
    }
    const format = parseOutputFormat(flags.output, flags.template);
    const printer =
      format.name === 'name'
        ? undefined
        : await createObjectPrinter(format, io.cwd, { allowMissing: flags['allow-missing-template-keys'] });
    const context = {
      session,
      io,
      query: {
        args,
        filenames: flags.filename,
        recursive: flags.recursive,
        labelSelector: flags.selector,
        fieldSelector: flags['field-selector'],
        allNamespaces: flags['all-namespaces'],
        all: true,
      },
      chunkSize: flags['chunk-size'],
      subresource: flags.subresource,
      ignoreNotFound: flags['ignore-not-found'],
      sortBy: flags['sort-by'],
      showManagedFields: flags['show-managed-fields'],
      format,
      printer,
      table: {
        wide: format.name === 'wide',
        noHeaders: flags['no-headers'],
        showLabels: flags['show-labels'],
        labelColumns: flags['label-columns'],
        showKind: flags['show-kind'],
      },
    };
    if (flags.watch || flags['watch-only']) {
      return watchObjects({ ...context, only: flags['watch-only'], showEvents: flags['output-watch-events'] });
    }
    return format.name === '' || format.name === 'wide' ? getTables(context) : getObjects(context);
  },
});
