import type { IncomingHttpHeaders } from 'node:http';
import { formatIP, parseIP } from '../../machinery/ip-address.ts';

/**
 * Where a request came from: the addresses that proxies say, then that of the connection. All but the last can be made up
 * by the client. Source: apimachinery's SourceIPs.
 */
export function sourceAddresses(headers: IncomingHttpHeaders, remote: string | undefined): readonly string[] {
  if (headers['x-forwarded-for'] === undefined && headers['x-real-ip'] === undefined) return ownAddress(remote ?? '');
  const forwarded = headerText(headers['x-forwarded-for']).split(',').flatMap(canonical);
  const real = canonical(headerText(headers['x-real-ip'])).filter((address) => !forwarded.includes(address));
  const said = [...forwarded, ...real];
  const own = canonical(remote ?? '').filter((address) => address !== said.at(-1));
  return [...said, ...own];
}

const mostKnown = 1000;
const known = new Map<string, readonly string[]>();

/** The address of a connection, remembered: connections have many requests. */
function ownAddress(remote: string): readonly string[] {
  const found = known.get(remote);
  if (found) return found;
  if (known.size >= mostKnown) known.clear();
  const own = canonical(remote);
  known.set(remote, own);
  return own;
}

/** Of several headers of a name only the first counts. */
function headerText(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}

function canonical(text: string): readonly string[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(trimmed);
  // Zeros in front are read as Go's lenient parser reads them.
  const address = parseIP((mapped?.[1] ?? trimmed).replaceAll(/(^|\.)0+(?=\d+(\.|$))/g, '$1'));
  return address ? [formatIP(address)] : [];
}
