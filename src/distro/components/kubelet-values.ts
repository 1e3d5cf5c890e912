import { quantityValue } from '../../machinery/quantity.ts';
import { defaultEvictionThresholds } from '../../kubelet/kubelet-config.ts';
import type { EvictionThresholds, KubeletConfig } from '../../kubelet/kubelet-config.ts';
import { UsageError } from '../config/cluster-config.ts';
import { many, one } from './flag.ts';
import type { Flag } from './flag.ts';

type Taint = NonNullable<KubeletConfig['registerWithTaints']>[number];

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;

/** `key=value:Effect` or `key:Effect`, separated by commas. */
export const taints = many<Taint>({
  value: 'key=value:effect',
  wanted: `taints such as dedicated=gpu:NoSchedule, with one of ${effects.join(', ')}`,
  read(given) {
    const [, key, value, word] = /^([^=:,\s]+)(?:=([^:,\s]*))?:(\w+)$/.exec(given) ?? [];
    const effect = effects.find((known) => known === word);
    return key === undefined || effect === undefined ? undefined : { key, ...(value ? { value } : {}), effect };
  },
});

const reservable = ['cpu', 'memory', 'ephemeral-storage', 'pid'];

/** `cpu=100m,memory=200Mi`. */
export function reservation(help: string): Flag<Readonly<Record<string, string>>> {
  const list = many<readonly [string, string]>({
    value: 'resource=quantity',
    wanted: `quantities of ${reservable.join(', ')}, such as cpu=100m,memory=200Mi`,
    read(given) {
      const [, name = '', quantity = ''] = /^([\w-]+)=(.+)$/.exec(given) ?? [];
      return reservable.includes(name) && quantityOf(quantity) !== undefined ? [name, quantity] : undefined;
    },
  })(help);
  return { ...list, default: {}, parse: (given, flag) => Object.fromEntries(list.parse(given, flag)) };
}

/** A size such as `10Mi`; bytes. */
export function binarySize(help: string, fallback: string): Flag<number> {
  return one<number>({ value: 'size', wanted: 'a size such as 10Mi', read: positiveQuantity })(
    help,
    quantityValue(fallback),
  );
}

const signals: Readonly<Record<string, { readonly field: keyof EvictionThresholds; readonly fraction: boolean }>> = {
  'memory.available': { field: 'memoryAvailableBytes', fraction: false },
  'nodefs.available': { field: 'nodefsAvailableFraction', fraction: true },
  'nodefs.inodesFree': { field: 'nodefsInodesFreeFraction', fraction: true },
  'pid.available': { field: 'pidsAvailable', fraction: false },
};

/** `memory.available<100Mi,nodefs.available<10%`; what is not named keeps its default. */
export function evictionThresholds(
  help: string,
  fallback: Partial<EvictionThresholds>,
): Flag<Partial<EvictionThresholds>> {
  return {
    help: `${help} (default ${defaultThresholds()})`,
    value: 'signal<quantity,...',
    default: fallback,
    parse: (given, flag) =>
      Object.fromEntries(given.flatMap((list) => list.split(',').map((entry) => threshold(entry.trim(), flag)))),
  };
}

function threshold(entry: string, flag: string): readonly [string, number] {
  const [, name = '', amount = ''] = /^([\w.]+)[<=](.+)$/.exec(entry) ?? [];
  const signal = signals[name];
  if (!signal) {
    const known = Object.keys(signals).join(', ');
    throw new UsageError(
      `${flag} knows the signals ${known}, such as memory.available<100Mi, not ${JSON.stringify(entry)}`,
    );
  }
  const value = signal.fraction ? fractionOf(amount) : positiveQuantity(amount);
  if (value === undefined) {
    const wanted = signal.fraction ? 'a percentage such as 10%' : 'a quantity such as 100Mi';
    throw new UsageError(`${flag}: ${name} must be ${wanted}, not ${JSON.stringify(amount)}`);
  }
  return [signal.field, value];
}

function fractionOf(text: string): number | undefined {
  const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1] ?? Number.NaN);
  return percent >= 0 && percent <= 100 ? percent / 100 : undefined;
}

function positiveQuantity(text: string): number | undefined {
  const value = quantityOf(text);
  return value !== undefined && value > 0 ? value : undefined;
}

function quantityOf(text: string): number | undefined {
  try {
    return quantityValue(text);
  } catch {
    return undefined;
  }
}

function defaultThresholds(): string {
  const { memoryAvailableBytes, nodefsAvailableFraction, nodefsInodesFreeFraction, pidsAvailable } =
    defaultEvictionThresholds;
  return [
    `memory.available<${memoryAvailableBytes / 2 ** 20}Mi`,
    `nodefs.available<${nodefsAvailableFraction * 100}%`,
    `nodefs.inodesFree<${nodefsInodesFreeFraction * 100}%`,
    `pid.available<${pidsAvailable}`,
  ].join(',');
}
