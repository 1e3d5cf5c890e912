import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../../base/system-clock.ts';
import type { CommandIo, KubetsCommand } from '../command-line.ts';
import { UsageError } from '../config/cluster-config.ts';
import { containerdPaths } from '../containerd/containerd-config.ts';
import type { ImageConfig } from '../images/image-config.ts';
import type { ImageTarget } from '../images/node-images.ts';
import { architectureOf } from '../images/pause.ts';
import { requirePlan } from '../up/cluster-plan.ts';
import { addDataDirOption, dataDirFrom } from './cluster-options.ts';

interface Call {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly io: CommandIo;
}

const actions: Readonly<Record<string, (call: Call) => Promise<number>>> = { build, load, ls: list, rm: remove };

const examples = `
Examples:
  kubets image build demo:1 --from ./rootfs --entrypoint /bin/serve --env PORT=80
  kubets image build demo:1 --file image.yaml        # from: ./rootfs, entrypoint: [/bin/serve], env: { PORT: "80" }
  kubets image load demo.tar                         # an archive of OCI or of docker save
  kubets image ls
  kubets image rm demo:1
`;

/** `kubets image build|load|ls|rm`. */
export const imageCommand: KubetsCommand = {
  name: 'image',
  summary: 'build, load, list and remove images on every node, without any registry',
  configure(command: Command) {
    addDataDirOption(command)
      .argument('<action>', 'build, load, ls or rm')
      .argument('[names...]', 'the image to build or remove, or the archives to load')
      .option('--from <folder>', 'build: the folder that becomes the root file system')
      .option('--file <file>', 'build: a YAML description with from, entrypoint, cmd, env, user, workingDir, labels')
      .option('--entrypoint <command>', 'build: the program to run, with blanks between its arguments')
      .option('--cmd <arguments>', 'build: default arguments')
      .option('--env <name=value...>', 'build: environment')
      .option('--user <user>', 'build: user, or user:group')
      .option('--workdir <folder>', 'build: working directory')
      .option('-o, --output <archive>', 'build: write the archive here instead of loading it')
      .addHelpText('after', examples);
  },
  async run({ args, options }, io) {
    const [action = '', ...rest] = args;
    const chosen = actions[action];
    if (!chosen) throw new UsageError(`kubets image knows build, load, ls and rm, not ${JSON.stringify(action)}`);
    return chosen({ args: rest, options, io });
  },
};

function targets(options: Call['options']): readonly ImageTarget[] {
  const { plan, layout } = requirePlan(dataDirFrom(options));
  return plan.nodes.map((node) => ({ socket: containerdPaths(layout.node(node.name).containerd).socket }));
}

async function build({ args, options, io }: Call): Promise<number> {
  const [name, ...more] = args;
  if (name === undefined || more.length > 0) throw new UsageError('kubets image build takes one name, such as demo:1');
  const { buildImage } = await import('../images/build-image.ts');
  const { readImageDescription } = await import('../images/image-description.ts');
  const { loadImage } = await import('../images/node-images.ts');
  const description = readImageDescription(options);
  const scratch = mkdtempSync(join(tmpdir(), 'kubets-image-'));
  const output = typeof options.output === 'string' ? options.output : join(scratch, 'image.tar');
  try {
    const config: ImageConfig = description.config;
    const architecture = architectureOf(process.arch);
    const contents = [{ from: description.from, to: '/', keepOwners: true }];
    const built = await buildImage({ name, contents, config, architecture, output });
    if (typeof options.output !== 'string')
      await loadImage(targets(options), output, { clock: systemClock, signal: io.signal });
    io.stdout.write(`${built.name}\n`);
    return 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function load({ args, options, io }: Call): Promise<number> {
  if (args.length === 0) throw new UsageError('kubets image load takes the archives to load');
  const { loadImage } = await import('../images/node-images.ts');
  for (const archive of args) {
    const names = await loadImage(targets(options), archive, { clock: systemClock, signal: io.signal });
    for (const name of names) io.stdout.write(`${name}\n`);
  }
  return 0;
}

async function list({ options, io }: Call): Promise<number> {
  const { listImages } = await import('../images/node-images.ts');
  const all = await Promise.all(targets(options).map((target) => listImages(target, io.signal)));
  const sizes = new Map(all.flat().flatMap((image) => image.repoTags.map((tag) => [tag, image.size] as const)));
  const rows = [...sizes]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, size]) => [name, `${(size / 1e6).toFixed(1)} MB`]);
  const width = Math.max(5, ...rows.map(([name = '']) => name.length));
  for (const [name = '', size = ''] of [['IMAGE', 'SIZE'], ...rows])
    io.stdout.write(`${name.padEnd(width)}   ${size}\n`);
  return 0;
}

async function remove({ args, options, io }: Call): Promise<number> {
  if (args.length === 0) throw new UsageError('kubets image rm takes the images to remove');
  const { removeImage } = await import('../images/node-images.ts');
  let code = 0;
  for (const name of args) {
    if (await removeImage(targets(options), name, io.signal)) io.stdout.write(`${name} removed\n`);
    else {
      io.stderr.write(`kubets: no node has the image ${name}\n`);
      code = 1;
    }
  }
  return code;
}
