/** Several errors as one text, each once: `[a, b]`. Source: apimachinery's aggregate errors. */
export function errorText(messages: readonly string[]): string {
  const distinct = [...new Set(messages)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
}
