import type { Command } from 'commander';
import type { CommandIo, KubetsCommand } from '../command-line.ts';
import { UsageError } from '../config/cluster-config.ts';
import { addDataDirOption } from './cluster-options.ts';

const usage = `
Actions:
  snapshot save [file]      write all that the store holds at this moment to a file; the cluster may run
  snapshot status <file>    check a snapshot, and show what it holds
  snapshot restore <file>   make a store of a snapshot; nothing may use that store
  migrate                   copy a store into another, with --from and --to; nothing may use either

Where the store is: by default that of the cluster in --data-dir, which a snapshot is taken of through its API server if
that runs. --kubeconfig names another API server, --store a store that no server uses, --etcd-servers an etcd.

Examples:
  kubets store snapshot save backup.snapshot
  kubets store snapshot save backup.snapshot --kubeconfig admin.kubeconfig
  kubets store snapshot status backup.snapshot -o json
  kubets store snapshot restore backup.snapshot --data-dir /var/lib/kubets
  kubets store snapshot restore backup.snapshot --etcd-servers https://10.0.0.1:2379,https://10.0.0.2:2379
  kubets store migrate --from sqlite:///var/lib/kubets/store/kubets.db --to etcd --etcd-servers http://10.0.0.1:2379
  kubets store migrate --from etcd --etcd-servers http://10.0.0.1:2379 --to sqlite:///var/lib/kubets/store/kubets.db
`;

/** `kubets store snapshot save|status|restore`, `kubets store migrate`. */
export const storeCommand: KubetsCommand = {
  name: 'store',
  summary: 'back the objects of the cluster up, restore them, and move them between SQLite and etcd',
  configure(command: Command) {
    addDataDirOption(command)
      .argument('<action...>', 'what to do; see below')
      .option('--kubeconfig <file>', 'save: take the snapshot through the API server that this names')
      .option('--store <url>', 'save, restore: sqlite:///absolute/path/of/a/file')
      .option('--etcd-servers <urls>', 'the endpoints of etcd, with commas between')
      .option('--etcd-cafile <file>', 'authority of the certificate of etcd')
      .option('--etcd-certfile <file>', 'certificate to show to etcd')
      .option('--etcd-keyfile <file>', 'key of --etcd-certfile')
      .option('--etcd-prefix <prefix>', 'what the keys of the cluster begin with in etcd (default: /registry)')
      .option('--from <place>', 'migrate: sqlite:///file, etcd (that of --etcd-servers), or file:///snapshot')
      .option('--to <place>', 'migrate: the same')
      .option('--force', 'restore, migrate: replace what the target holds; of SQLite it is kept in a file beside it')
      .option(
        '--bump-revision <n>',
        'restore, migrate: revisions to leave out above those of the snapshot, at least as many as were written after it (default: 1000000000; for etcd, where each takes a write, 100000)',
      )
      .option('-o, --output <format>', 'save, status: table (default) or json')
      .addHelpText('after', usage);
  },
  async run({ args, options }, io: CommandIo) {
    const { storeActions } = await import('../backup/store-actions.ts');
    const [first = '', second = ''] = args;
    const name = first === 'snapshot' ? `snapshot ${second}`.trim() : first;
    const action = storeActions[name];
    if (!action) {
      throw new UsageError(
        `kubets store knows ${Object.keys(storeActions).join(', ')}, not ${JSON.stringify(name)} (kubets store --help)`,
      );
    }
    const rest = args.slice(first === 'snapshot' ? 2 : 1);
    return action({ args: rest, options, io });
  },
};
