/**
 * Who changes objects on their way to the store is asked in order, and then, with all that comes before, once more, if a
 * later one has changed what they saw. Source: apiserver's admission/reinvocation.go and its plug-ins' reinvocation contexts.
 */
import { copyJson } from '../../base/copy-json.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { AdmissionRequest } from '../ports.ts';

/** One webhook or policy of a request. */
export interface Mutator {
  /** The same in both rounds. */
  readonly identity: object;
  readonly reinvocationPolicy: 'Never' | 'IfNeeded' | undefined;
  /** Asks it; says whether it changed the object, or undefined when the request is not its business. */
  ask(): Promise<boolean | undefined>;
}

/** What the rounds of one request have come to. */
export class MutationRounds {
  /** Whether a second round is wanted. */
  isWanted = false;
  /** Whether it is under way. */
  isSecond = false;
  readonly #states = new Map<string, PluginState>();

  /** Asks the mutators of a plug-in, as far as it is their turn. */
  async run(plugin: string, mutators: readonly Mutator[], request: AdmissionRequest): Promise<void> {
    let state = this.#states.get(plugin);
    if (!state) this.#states.set(plugin, (state = { asked: new Set(), again: new Set(), left: undefined }));
    if (this.isSecond && state.left && !equalJson(state.left, request.object)) askAgain(state);
    for (const { identity, reinvocationPolicy, ask } of mutators) {
      if (this.isSecond && !state.again.has(identity)) continue;
      const changed = await ask();
      if (changed === undefined) continue;
      if (changed) {
        askAgain(state);
        this.isWanted = true;
      }
      if (reinvocationPolicy === 'IfNeeded') state.asked.add(identity);
    }
    if (state.asked.size > 0) state.left = copyJson(request.object);
  }
}

interface PluginState {
  /** Those that would like to see what becomes of the object. */
  readonly asked: Set<object>;
  readonly again: Set<object>;
  /** The object as the plug-in left it, if somebody would like to see what becomes of it. */
  left: object | undefined;
}

function askAgain({ asked, again }: PluginState): void {
  for (const identity of asked) again.add(identity);
  asked.clear();
}
