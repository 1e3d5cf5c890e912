/** A parsed Go template. */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | { readonly kind: 'if' | 'with'; readonly pipe: Pipe; readonly body: TemplateBody; readonly otherwise: TemplateBody }
  | { readonly kind: 'range'; readonly pipe: Pipe; readonly body: TemplateBody; readonly otherwise: TemplateBody }
  | { readonly kind: 'define'; readonly name: string; readonly body: TemplateBody }
  | { readonly kind: 'template'; readonly name: string; readonly pipe: Pipe | undefined }
  | { readonly kind: 'break' | 'continue' };

/** What stands between two actions. */
export type TemplateBody = readonly TemplateNode[];

/** Commands joined by `|`, and the variables that take the result. */
export interface Pipe {
  readonly variables: readonly string[];
  /** `=` instead of `:=` */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

/** An operand, or a function with its arguments. */
export type Command = readonly Term[];

/** One operand. */
export type Term =
  | { readonly kind: 'fields'; readonly names: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly names: readonly string[] }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'group'; readonly pipe: Pipe; readonly names: readonly string[] };
