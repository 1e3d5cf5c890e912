import type { KubetsCommand } from '../command-line.ts';
import { UsageError } from '../config/cluster-config.ts';
import { addDataDirOption, dataDirFrom } from './cluster-options.ts';

const usage = `
Actions:
  show             the certificates of this machine: whose they are, who signed them, when they end
  renew [name...]  issue them anew now, all or those named; running processes take them up within seconds
  rotate-ca        give the cluster another authority; the former one is believed until rotate-ca --finish

Certificates are renewed by themselves 90 days before they end. Nothing needs to be restarted for any of this.

Examples:
  kubets certs show
  kubets certs renew apiserver admin
  kubets certs rotate-ca
  kubets certs rotate-ca --finish
`;

/** `kubets certs show|renew|rotate-ca`. */
export const certsCommand: KubetsCommand = {
  name: 'certs',
  summary: 'show the certificates of this machine, renew them, replace the authority of the cluster',
  configure(command) {
    addDataDirOption(command)
      .argument('<action>', 'show, renew or rotate-ca')
      .argument('[name...]', 'renew: certificates as show names them (default: all)')
      .option('-o, --output <format>', 'show: table (default) or json')
      .option('--finish', 'rotate-ca: do not believe the former authority any more')
      .addHelpText('after', usage);
  },
  async run({ args, options }, io) {
    const { certificateActions } = await import('../pki/certificate-actions.ts');
    const [name = '', ...names] = args;
    const action = certificateActions[name];
    if (!action) {
      const known = Object.keys(certificateActions).join(', ');
      throw new UsageError(`kubets certs knows ${known}, not ${JSON.stringify(name)} (kubets certs --help)`);
    }
    return action({ names, options, dataDir: dataDirFrom(options), io });
  },
};
