import { LineCounter, parseAllDocuments, parseDocument } from 'yaml';
import type { Document, ScalarTag, CollectionTag, Tags } from 'yaml';
import { CommandError } from '../command/command-error.ts';

/** Kinds of YAML 1.1 that go-yaml does not read into JSON: dates, sexagesimals, binaries, sets. */
const unread = new Set(['timestamp', 'binary', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`));

const options = {
  version: '1.1',
  schema: 'yaml-1.1',
  merge: true,
  prettyErrors: false,
  customTags: (tags: Tags): Tags => tags.filter((tag) => !isUnread(tag)),
} as const;

function isUnread(tag: string | ScalarTag | CollectionTag): boolean {
  if (typeof tag === 'string')
    return ['timestamp', 'intTime', 'floatTime', 'binary', 'omap', 'pairs', 'set'].includes(tag);
  return unread.has(tag.tag ?? '') || ('format' in tag && tag.format === 'TIME');
}

/** Parses one YAML (or JSON) document as kubectl reads it: YAML 1.1 without dates. */
export function parseYaml(text: string): unknown {
  const lines = new LineCounter();
  return valueOf(parseDocument(text, { ...options, lineCounter: lines }), lines);
}

/** Parses a stream of documents divided by `---`; empty ones are left out. */
export function parseYamlStream(text: string): readonly unknown[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { ...options, lineCounter: lines });
  return ('empty' in documents ? [] : documents)
    .map((one) => valueOf(one as Document, lines))
    .filter((value) => value !== null && value !== undefined);
}

function valueOf(document: Document, lines: LineCounter): unknown {
  const error = document.errors[0];
  if (error) {
    const { line } = lines.linePos(error.pos[0]);
    throw new CommandError(`error converting YAML to JSON: yaml: line ${line}: ${error.message}`);
  }
  return document.toJS({ maxAliasCount: 100 });
}
