/** Why a text is no IP address, in the words of Go's netip.ParseAddr for the mistakes people make. */

/** What is wrong with a text that is known to be no address. */
export function ipProblem(text: string): string {
  const mark = /[.:%]/.exec(text)?.[0];
  if (mark === '.') return ipv4Problem(text);
  if (mark === '%') return 'missing IPv6 address';
  return mark === ':' ? ipv6Problem(text) : 'unable to parse IP';
}

const at = (rest: string): string => ` (at ${JSON.stringify(rest)})`;

function ipv4Problem(text: string): string {
  let [field, fields] = ['', 0];
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? '';
    if (/\d/.test(character)) {
      if (field === '0') return 'IPv4 field has octet with leading zero';
      field += character;
      if (Number(field) > 255) return 'IPv4 field has value >255';
    } else if (character !== '.') return `unexpected character${at(text.slice(index))}`;
    else if (field === '' || index === text.length - 1) {
      return `IPv4 field must have at least one digit${at(text.slice(index))}`;
    } else if (fields === 3) return 'IPv4 address too long';
    else [field, fields] = ['', fields + 1];
  }
  return fields < 3 ? 'IPv4 address too short' : 'unable to parse IP';
}

function ipv6Problem(text: string): string {
  let rest = text;
  let [groups, ellipsis] = [0, false];
  if (rest.startsWith('::')) [rest, ellipsis] = [rest.slice(2), true];
  while (rest !== '' && groups < 8) {
    const digits = /^[0-9a-fA-F]*/.exec(rest)?.[0] ?? '';
    if (digits === '') return `each colon-separated field must have at least one digit${at(rest)}`;
    if (digits.length > 4) return `each group must have 4 or less digits${at(rest)}`;
    const after = rest.slice(digits.length);
    groups++;
    if (after === '') break;
    if (!after.startsWith(':')) return `unexpected character, want colon${at(after)}`;
    if (after === ':') return `colon must be followed by more characters${at(after)}`;
    rest = after.slice(1);
    if (!rest.startsWith(':')) continue;
    if (ellipsis) return `multiple :: in address${at(rest)}`;
    [rest, ellipsis] = [rest.slice(1), true];
  }
  return groups < 8 ? 'address string too short' : `trailing garbage after address${at(rest)}`;
}
