import { CommandError } from '../../command/command-error.ts';
import type { Command, Pipe, TemplateNode, Term } from './syntax.ts';

/** Parses a Go template. Source: Go's text/template. */
export function parseGoTemplate(source: string): readonly TemplateNode[] {
  return new TemplateParser(pieces(source)).body([]).nodes;
}

type Piece = { readonly text: string } | { readonly action: string };

/** Divides text from actions and lets `{{-` and `-}}` trim what is beside them. */
function pieces(source: string): readonly Piece[] {
  const found: Piece[] = [];
  let at = 0;
  let trim = false;
  for (const match of source.matchAll(
    /\{\{(-(?=\s))?((?:"(?:\\.|[^"\\])*"|`[^`]*`|\/\*[\s\S]*?\*\/|(?!\}\})[\s\S])*?)((?<=\s)-)?\}\}/g,
  )) {
    const before = source.slice(at, match.index);
    const left = trim ? before.trimStart() : before;
    found.push({ text: match[1] ? left.trimEnd() : left });
    const action = (match[2] ?? '').trim();
    if (!action.startsWith('/*')) found.push({ action });
    trim = match[3] !== undefined;
    at = match.index + match[0].length;
  }
  const rest = source.slice(at);
  if (rest.includes('{{')) throw parseError('unclosed action');
  found.push({ text: trim ? rest.trimStart() : rest });
  return found.filter((piece) => !('text' in piece) || piece.text !== '');
}

function parseError(message: string): CommandError {
  return new CommandError(`error parsing template: template: output: ${message}`);
}

class TemplateParser {
  readonly #pieces: readonly Piece[];
  #at = 0;

  constructor(all: readonly Piece[]) {
    this.#pieces = all;
  }

  /** Reads until one of the keywords in `until`; at the top there is none. */
  body(until: readonly string[]): { readonly nodes: readonly TemplateNode[]; readonly end: string } {
    const nodes: TemplateNode[] = [];
    for (let piece = this.#pieces[this.#at]; piece; piece = this.#pieces[this.#at]) {
      this.#at += 1;
      if ('text' in piece) nodes.push({ kind: 'text', text: piece.text });
      else {
        const keyword = /^[a-z]+/.exec(piece.action)?.[0] ?? '';
        if (until.includes(keyword)) return { nodes, end: piece.action };
        nodes.push(this.#node(keyword, piece.action));
      }
    }
    if (until.length > 0) throw parseError('unexpected EOF');
    return { nodes, end: '' };
  }

  #node(keyword: string, action: string): TemplateNode {
    const rest = action.slice(keyword.length);
    switch (keyword) {
      case 'if':
      case 'with':
      case 'range':
        return this.#block(keyword, parsePipe(rest));
      case 'define':
        return { kind: 'define', name: nameOf(rest), body: this.body(['end']).nodes };
      case 'template': {
        const [, name = '', argument = ''] = /^\s*("(?:\\.|[^"])*")\s*([\s\S]*)$/.exec(rest) ?? [];
        return { kind: 'template', name: nameOf(name), pipe: argument ? parsePipe(argument) : undefined };
      }
      case 'break':
      case 'continue':
        return { kind: keyword };
      case 'end':
      case 'else':
        throw parseError(`unexpected {{${keyword}}}`);
      default:
        return { kind: 'action', pipe: parsePipe(action) };
    }
  }

  #block(kind: 'if' | 'with' | 'range', pipe: Pipe): TemplateNode {
    const { nodes: body, end } = this.body(['else', 'end']);
    return { kind, pipe, body, otherwise: end.startsWith('else') ? this.#otherwise(end) : [] };
  }

  #otherwise(end: string): readonly TemplateNode[] {
    const [, keyword, rest = ''] = /^else\s+(if|with)\b([\s\S]*)$/.exec(end) ?? [];
    if (keyword === 'if' || keyword === 'with') return [this.#block(keyword, parsePipe(rest))];
    return this.body(['end']).nodes;
  }
}

function nameOf(text: string): string {
  return text.trim().slice(1, -1);
}

const tokenForm =
  /\s*("(?:\\.|[^"\\])*"|`[^`]*`|'(?:\\.|[^'\\])'|\|\||:=|[|(),=]|\)(?:\.[\w]+)*|\$\w*(?:\.\w+)*|(?:\.\w+)+|\.|[-+]?\d+(?:\.\d+)?|\w+)/gy;

function parsePipe(text: string): Pipe {
  const tokens: string[] = [];
  tokenForm.lastIndex = 0;
  while (tokenForm.lastIndex < text.trimEnd().length) {
    const at = tokenForm.lastIndex;
    const token = tokenForm.exec(text)?.[1];
    if (token === undefined)
      throw parseError(`unexpected ${JSON.stringify(text.slice(at).trim()[0] ?? '')} in operand`);
    tokens.push(token);
  }
  const pipe = pipeOf(tokens);
  if (tokens.length > 0) throw parseError(`unexpected ${JSON.stringify(tokens[0])} in command`);
  return pipe;
}

function pipeOf(tokens: string[]): Pipe {
  const declared = /^\$\w*$/;
  const variables: string[] = [];
  let assigns = false;
  if (declared.test(tokens[0] ?? '') && (tokens[1] === ':=' || tokens[1] === '=')) {
    variables.push(tokens.shift() ?? '');
    assigns = tokens.shift() === '=';
  } else if (tokens[1] === ',' && declared.test(tokens[2] ?? '') && tokens[3] === ':=') {
    variables.push(tokens[0] ?? '', tokens[2] ?? '');
    tokens.splice(0, 4);
  }
  const commands: Command[] = [commandOf(tokens)];
  while (tokens[0] === '|') {
    tokens.shift();
    commands.push(commandOf(tokens));
  }
  return { variables, assigns, commands };
}

function commandOf(tokens: string[]): Command {
  const terms: Term[] = [];
  while (tokens.length > 0 && tokens[0] !== '|' && tokens[0] !== ')') terms.push(termOf(tokens));
  if (terms.length === 0) throw parseError('missing value for command');
  return terms;
}

function termOf(tokens: string[]): Term {
  const token = tokens.shift() ?? '';
  if (token === '(') {
    const pipe = pipeOf(tokens);
    if (tokens.shift() !== ')') throw parseError('unclosed left paren');
    const names = /^\.\w/.test(tokens[0] ?? '') ? namesIn(tokens.shift() ?? '') : [];
    return { kind: 'group', pipe, names };
  }
  if (token.startsWith('.')) return { kind: 'fields', names: namesIn(token) };
  if (token.startsWith('$')) {
    const [name = '', ...names] = token.split('.');
    return { kind: 'variable', name, names };
  }
  if (token.startsWith('"')) return { kind: 'literal', value: unquoted(token) };
  if (token.startsWith('`')) return { kind: 'literal', value: token.slice(1, -1) };
  if (token.startsWith("'")) return { kind: 'literal', value: unquoted(token).codePointAt(0) ?? 0 };
  if (/^[-+]?\d/.test(token)) return { kind: 'literal', value: Number(token) };
  if (token === 'true' || token === 'false') return { kind: 'literal', value: token === 'true' };
  if (token === 'nil') return { kind: 'literal', value: null };
  return { kind: 'function', name: token };
}

function namesIn(token: string): readonly string[] {
  return token.split('.').filter((name) => name !== '');
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

function unquoted(token: string): string {
  return token
    .slice(1, -1)
    .replaceAll(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-7]{3}|.)/gs, (_, code: string) =>
      code.length === 3 && /^[0-7]/.test(code)
        ? String.fromCharCode(Number.parseInt(code, 8))
        : code.length > 1
          ? String.fromCharCode(Number.parseInt(code.slice(1), 16))
          : (escapes[code] ?? code),
    );
}
