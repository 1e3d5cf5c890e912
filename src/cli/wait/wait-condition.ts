import { CommandError } from '../command/command-error.ts';
import { goValueText } from '../output/json-output.ts';
import { compilePath } from '../output/jsonpath.ts';
import { valueAt } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';

/** What `wait --for` waits for. */
export interface WaitCondition {
  readonly kind: 'create' | 'delete' | 'state';
  /** Whether an object that is there is as wanted. */
  holds(object: KubeObject): boolean;
}

/** Reads `delete`, `create`, `condition=Ready[=value]` and `jsonpath='{.a}'[=value]`. */
export function parseWaitCondition(text: string): WaitCondition {
  const lower = text.toLowerCase();
  if (lower === 'delete') return { kind: 'delete', holds: () => false };
  if (lower === 'create') return { kind: 'create', holds: () => true };
  if (text.startsWith('condition=')) return conditionState(text.slice('condition='.length));
  if (text.startsWith('jsonpath=')) return pathState(text.slice('jsonpath='.length));
  throw new CommandError(`unrecognized condition: ${JSON.stringify(text)}`);
}

function conditionState(text: string): WaitCondition {
  const equals = text.indexOf('=');
  const type = (equals < 0 ? text : text.slice(0, equals)).toLowerCase();
  const wanted = (equals < 0 ? 'true' : text.slice(equals + 1)).toLowerCase();
  return {
    kind: 'state',
    holds(object) {
      const conditions = (valueAt(object, 'status', 'conditions') ?? []) as readonly ObservedCondition[];
      const found = conditions.find((one) => one.type?.toLowerCase() === type);
      if (!found || found.status?.toLowerCase() !== wanted) return false;
      // A condition about an older generation says nothing about this one.
      const generation = object.metadata.generation;
      const observed = found.observedGeneration ?? valueAt(object, 'status', 'observedGeneration');
      return typeof observed !== 'number' || generation === undefined || observed >= generation;
    },
  };
}

interface ObservedCondition {
  readonly type?: string;
  readonly status?: string;
  readonly observedGeneration?: number;
}

function pathState(text: string): WaitCondition {
  const match = /^(['"]?)(\{.*\}|[^=]+)\1(?:=(.*))?$/s.exec(text);
  const [, , path, wanted] = match ?? [];
  if (path === undefined)
    throw new CommandError(
      `jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'`,
    );
  if (wanted === '')
    throw new CommandError(
      "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
    );
  const find = compilePath(path);
  const value = wanted?.replace(/^(['"])(.*)\1$/s, '$2');
  return {
    kind: 'state',
    holds(object) {
      const found = find(object);
      if (found.length === 0) return false;
      if (found.length > 1) throw new CommandError('given jsonpath expression matches more than one value');
      if (value === undefined) return true;
      if (typeof found[0] === 'object' && found[0] !== null) {
        throw new CommandError('jsonpath leads to a nested object or list which is not supported');
      }
      return goValueText(found[0]) === value.trim();
    },
  };
}
