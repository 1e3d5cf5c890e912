/** What `create job` and `create cronjob` have in common. */
import { CommandError } from '../../command/command-error.ts';

/** The one NAME before the dash, and the words behind it. */
export function nameAndCommand({
  args,
  dash,
  command,
}: {
  readonly args: readonly string[];
  readonly dash?: number | undefined;
  readonly command: string;
}): { readonly name: string; readonly words: readonly string[] } {
  const names = dash === undefined ? args : args.slice(0, dash);
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw new CommandError(
      `exactly one NAME is required, got ${names.length}\nSee '${command} -h' for help and examples`,
    );
  }
  return { name, words: dash === undefined ? [] : args.slice(dash) };
}

/** A pod template of one container. */
export function jobPod(options: {
  readonly name: string;
  readonly image: string;
  readonly words: readonly string[];
  readonly restartPolicy: string;
}): Readonly<Record<string, unknown>> {
  const { name, image, words, restartPolicy } = options;
  const command = words.length > 0 ? { command: words } : {};
  return { metadata: {}, spec: { containers: [{ name, image, ...command, resources: {} }], restartPolicy } };
}
