/** Where expressions are compiled: variables, libraries and types. */
import { adapterOf } from './adapt.ts';
import type { Expr } from './ast.ts';
import type { Range } from './call-cost.ts';
import { CelAbort, CelError, CelFailure, CelPending } from './cel-error.ts';
import type { CelType } from './cel-type.ts';
import type { Declarations } from './check-environment.ts';
import { typesByName } from './check-environment.ts';
import type { CheckedExpr } from './checked-expr.ts';
import { checkExpression } from './checker.ts';
import { estimateCost } from './cost-estimate.ts';
import { Frame } from './frame.ts';
import type { FrameVariable, Step } from './frame.ts';
import type { CelLibrary } from './library.ts';
import { mergeFunctions } from './library.ts';
import { perCallLimit } from './limits.ts';
import { kubernetesLibraries } from './libraries/kubernetes.ts';
import type { Macro } from './macro.ts';
import { standardMacros } from './macro.ts';
import { macroKey, parseExpression } from './parser.ts';
import { Planner } from './planner.ts';
import { validateLiterals } from './validate-literals.ts';
import type { CelValue } from './values.ts';

/** What an environment is made of. */
export interface CelEnvironmentOptions {
  /** Default: those of Kubernetes 1.36. */
  readonly libraries?: readonly CelLibrary[];
  /** The variables of expressions and their types. */
  readonly variables: Readonly<Record<string, CelType>>;
  /** Names are looked up in here first. */
  readonly container?: string;
  /** Whether list and map literals may mix types, which Kubernetes forbids. */
  readonly mixedLiterals?: boolean;
}

/** How far an evaluation may go. */
export interface EvaluateOptions {
  /** The most it may cost. Default: Kubernetes' limit of a single call. */
  readonly costLimit?: number;
  readonly signal?: AbortSignal;
}

/** The result of an evaluation and what it cost. */
export interface CelResult {
  readonly value: CelValue;
  readonly cost: number;
}

/** A compiled expression. */
export interface CelProgram {
  /** Evaluates with `bindings`: plain JSON, read by the types of the variables, or values. Throws `CelError`. */
  evaluate(bindings: Readonly<Record<string, unknown>>, options?: EvaluateOptions): CelResult;
}

/** What `compile` finds out. */
export interface CompiledExpression {
  readonly program: CelProgram;
  /** The expression itself, without macros. */
  readonly expr: Expr;
  readonly type: CelType;
  /** The estimated cost, from the sizes that the types of variables promise. */
  readonly cost: Range;
  /** Names of the variables it refers to. */
  readonly variables: ReadonlySet<string>;
}

/** Compiles expressions. */
export interface CelEnvironment {
  /** Throws a `CelError` with all issues. */
  compile(text: string): CompiledExpression;
  /** The same environment with more variables. */
  extend(variables: Readonly<Record<string, CelType>>): CelEnvironment;
}

/** Makes an environment. The tables of its libraries are made once and shared by those that extend it. */
export function createCelEnvironment(options: CelEnvironmentOptions): CelEnvironment {
  return new Environment(tablesOf(options.libraries ?? kubernetesLibraries), options);
}

type Tables = Pick<Declarations, 'functions' | 'types' | 'message'> & { readonly macros: ReadonlyMap<string, Macro> };

const knownTables = new WeakMap<readonly CelLibrary[], Tables>();

function tablesOf(libraries: readonly CelLibrary[]): Tables {
  let tables = knownTables.get(libraries);
  if (!tables) {
    const macros = [...standardMacros, ...libraries.flatMap(({ macros = [] }) => macros)];
    tables = {
      functions: mergeFunctions(libraries),
      types: typesByName(libraries.flatMap(({ types = [] }) => types)),
      macros: new Map(macros.map((macro) => [macroKey(macro.name, macro.argCount, macro.receiver), macro])),
      message(name) {
        for (const library of libraries) {
          const found = library.message?.(name);
          if (found) return found;
        }
        return undefined;
      },
    };
    knownTables.set(libraries, tables);
  }
  return tables;
}

class Environment implements CelEnvironment {
  readonly #tables: Tables;
  readonly #options: CelEnvironmentOptions;
  readonly #declarations: Declarations;
  readonly #variables: readonly FrameVariable[];

  constructor(tables: Tables, options: CelEnvironmentOptions) {
    const entries = Object.entries(options.variables);
    this.#tables = tables;
    this.#options = options;
    this.#declarations = {
      ...tables,
      variables: new Map(entries),
      container: options.container ?? '',
    };
    this.#variables = entries.map(([name, type]) => ({ name, adapt: adapterOf(type) }));
  }

  extend(variables: Readonly<Record<string, CelType>>): CelEnvironment {
    return new Environment(this.#tables, {
      ...this.#options,
      variables: { ...this.#options.variables, ...variables },
    });
  }

  compile(text: string): CompiledExpression {
    const expr = parseExpression(text, this.#tables.macros);
    const checked = checkExpression(text, expr, this.#declarations);
    validateLiterals(text, checked, this.#options.mixedLiterals ?? false);
    const names = [...checked.names.values()].filter(({ kind }) => kind === 'variable').map(({ name }) => name);
    return {
      program: programOf(planned(checked, this.#variables)),
      expr,
      type: checked.types.get(expr.id) ?? { kind: 'dyn' },
      cost: estimateCost(checked, this.#declarations.variables),
      variables: new Set(names),
    };
  }
}

function planned(checked: CheckedExpr, variables: readonly FrameVariable[]): Step {
  try {
    return new Planner(checked, variables).plan(checked.expr).evaluate;
  } catch (error) {
    if (error instanceof CelFailure) throw new CelError('program', error.message);
    throw error;
  }
}

function programOf(step: Step): CelProgram {
  return {
    evaluate(bindings, { costLimit = perCallLimit, signal } = {}) {
      const frame = new Frame(bindings, costLimit, signal);
      try {
        const value = step(frame);
        if (frame.cost > frame.limit) throw new CelAbort('cost');
        return { value, cost: frame.cost };
      } catch (error) {
        throw publicError(error, frame.cost);
      }
    },
  };
}

/**
 * Evaluates an expression that may have to wait, such as for an authorizer. It starts again after every wait; what was
 * waited for is remembered by whoever made it wait.
 */
export async function evaluateAsync(
  program: CelProgram,
  bindings: Readonly<Record<string, unknown>>,
  options: EvaluateOptions = {},
): Promise<CelResult> {
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      return program.evaluate(bindings, options);
    } catch (error) {
      if (!(error instanceof CelPending)) throw error;
      await error.ready;
    }
  }
}

function publicError(error: unknown, cost: number): unknown {
  if (error instanceof CelFailure) return new CelError('evaluation', error.message, { cost });
  if (isStackOverflow(error)) return new CelError('evaluation', 'values are nested too deeply', { cost });
  if (!(error instanceof CelAbort)) return error;
  const message = error.reason === 'cost' ? 'operation cancelled: actual cost limit exceeded' : 'operation interrupted';
  return new CelError(error.reason, message, { cost });
}

/** Data may nest deeper than the stack has room for, wherever it is compared or written. */
function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.startsWith('Maximum call stack');
}
