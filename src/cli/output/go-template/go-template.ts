import { CommandError } from '../../command/command-error.ts';
import { isTruthy, printed, templateFunctions } from './functions.ts';
import { parseGoTemplate } from './parse.ts';
import type { Command, Pipe, TemplateBody, TemplateNode, Term } from './syntax.ts';

/** Compiles a Go template as `-o go-template` takes it; throws CommandError when it is malformed. */
export function compileGoTemplate(source: string): (data: unknown) => string {
  const nodes = parseGoTemplate(source);
  const defined = new Map(nodes.filter((node) => node.kind === 'define').map((node) => [node.name, node.body]));
  return (data) => {
    const output: string[] = [];
    render(nodes, { dot: data, variables: new Map([['$', { value: data }]]), output, defined });
    return output.join('');
  };
}

interface Scope {
  readonly dot: unknown;
  /** Boxes, so that an inner `=` reaches the variable of an outer block. */
  readonly variables: Map<string, { value: unknown }>;
  readonly output: string[];
  readonly defined: ReadonlyMap<string, TemplateBody>;
}

type Flow = 'break' | 'continue' | undefined;

function render(nodes: TemplateBody, scope: Scope): Flow {
  for (const node of nodes) {
    const flow = renderNode(node, scope);
    if (flow) return flow;
  }
  return undefined;
}

function renderNode(node: TemplateNode, scope: Scope): Flow {
  switch (node.kind) {
    case 'text':
      scope.output.push(node.text);
      return undefined;
    case 'action': {
      const value = evaluate(node.pipe, scope);
      if (node.pipe.variables.length === 0) scope.output.push(printed(value));
      return undefined;
    }
    case 'if':
    case 'with': {
      const inner = innerScope(scope);
      const value = evaluate(node.pipe, inner);
      if (!isTruthy(value)) return render(node.otherwise, inner);
      return render(node.body, node.kind === 'with' ? { ...inner, dot: value } : inner);
    }
    case 'range':
      return renderRange(node, scope);
    case 'template':
      return renderTemplate(node, scope);
    case 'define':
      return undefined;
    default:
      return node.kind;
  }
}

function renderTemplate(node: Extract<TemplateNode, { kind: 'template' }>, scope: Scope): Flow {
  const body = scope.defined.get(node.name);
  if (!body) throw new CommandError(`error executing template: template "${node.name}" not defined`);
  const dot = node.pipe ? evaluate(node.pipe, scope) : undefined;
  return render(body, { ...scope, dot, variables: new Map([['$', { value: dot }]]) });
}

function renderRange(node: Extract<TemplateNode, { kind: 'range' }>, scope: Scope): Flow {
  const value = evaluate({ ...node.pipe, variables: [] }, scope);
  const entries = entriesOf(value);
  if (entries.length === 0) return render(node.otherwise, innerScope(scope));
  for (const [key, dot] of entries) {
    const inner = { ...innerScope(scope), dot };
    const [first, second] = node.pipe.variables;
    if (first !== undefined) inner.variables.set(first, { value: second === undefined ? dot : key });
    if (second !== undefined) inner.variables.set(second, { value: dot });
    if (render(node.body, inner) === 'break') break;
  }
  return undefined;
}

function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (Array.isArray(value)) return value.map((element, at) => [at, element]);
  if (typeof value === 'number') return Array.from({ length: value }, (_, at) => [at, at]);
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (value === null || value === undefined) return [];
  throw new CommandError(`error executing template: range can't iterate over ${printed(value)}`);
}

function innerScope(scope: Scope): Scope {
  return { ...scope, variables: new Map(scope.variables) };
}

function evaluate(pipe: Pipe, scope: Scope): unknown {
  let value: unknown;
  pipe.commands.forEach((command, at) => {
    value = call(command, scope, at === 0 ? [] : [value]);
  });
  for (const name of pipe.variables) {
    const known = scope.variables.get(name);
    if (pipe.assigns && known) known.value = value;
    else scope.variables.set(name, { value });
  }
  return value;
}

function call([head, ...rest]: Command, scope: Scope, piped: readonly unknown[]): unknown {
  if (head?.kind !== 'function') {
    if (!head || rest.length > 0 || piped.length > 0)
      throw new CommandError("error executing template: can't give argument to non-function");
    return valueOf(head, scope);
  }
  return apply(head.name, [...rest.map((term) => valueOf(term, scope)), ...piped]);
}

function apply(name: string, args: readonly unknown[]): unknown {
  const found = Object.hasOwn(templateFunctions, name) ? templateFunctions[name] : undefined;
  if (!found) throw new CommandError(`error parsing template: function "${name}" not defined`);
  return found(...args);
}

function valueOf(term: Term, scope: Scope): unknown {
  switch (term.kind) {
    case 'literal':
      return term.value;
    case 'fields':
      return fieldsOf(scope.dot, term.names);
    case 'group':
      return fieldsOf(evaluate(term.pipe, scope), term.names);
    case 'function':
      return apply(term.name, []);
    case 'variable': {
      const found = scope.variables.get(term.name);
      if (!found) throw new CommandError(`error parsing template: undefined variable "${term.name}"`);
      return fieldsOf(found.value, term.names);
    }
  }
}

function fieldsOf(value: unknown, names: readonly string[]): unknown {
  let current = value;
  for (const name of names) {
    if (typeof current !== 'object' || current === null) {
      if (current === undefined || current === null) return undefined;
      throw new CommandError(`error executing template: can't evaluate field ${name} in type ${typeof current}`);
    }
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}
