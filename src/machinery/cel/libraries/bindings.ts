/** `cel.bind(name, value, expression)`. Source: cel-go's ext/bindings.go. Kubernetes does not enable it. */
import { MacroError } from '../expression-factory.ts';
import type { CelLibrary } from '../library.ts';
import { argumentOf, receiverMacro } from '../macro.ts';

/** Local variables. */
export const bindings: CelLibrary = {
  name: 'bindings',
  macros: [
    receiverMacro('bind', 3, (call) => {
      const { factory, at, target } = call;
      if (target.kind !== 'ident' || target.name !== 'cel') return undefined;
      const name = argumentOf(call, 0);
      if (name.kind !== 'ident') throw new MacroError(name.at, 'cel.bind() variable names must be simple identifiers');
      return factory.binding(at, { name: name.name, value: argumentOf(call, 1), result: argumentOf(call, 2) });
    }),
  ],
};
