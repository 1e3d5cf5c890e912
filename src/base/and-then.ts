/** Goes on with a value: at once, unless it has to be waited for. What is there takes no turn of the event loop. */
export function andThen<T, R>(value: T | Promise<T>, go: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then((found) => go(found)) : go(value);
}
