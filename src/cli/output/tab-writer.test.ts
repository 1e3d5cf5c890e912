import { expect, test } from 'vitest';
import { TabWriter, alignColumns, describeColumns } from './tab-writer.ts';

const table = { minWidth: 6, padding: 3, rememberWidths: true };

test('cells are padded to the widest of their column, the last cell of a line is not', () => {
  expect(alignColumns('NAME\tREADY\nlonger-name\t1/1\n', table)).toBe('NAME          READY\nlonger-name   1/1\n');
});

test('a column ends where a line has no cell for it', () => {
  expect(alignColumns('a\tb\nplain\nlonger\tb\n', { minWidth: 0, padding: 2 })).toBe('a  b\nplain\nlonger  b\n');
});

test('an empty cell keeps its place', () => {
  expect(alignColumns('A\tB\tC\nx\t\ty\n', table)).toBe('A     B     C\nx           y\n');
});

test('characters count, not bytes or UTF-16 units', () => {
  expect(alignColumns('é😀\tx\nabcdefg\tx\n', { minWidth: 0, padding: 1 })).toBe('é😀      x\nabcdefg x\n');
});

test('columns stay as wide as they were before the last flush, until widths are forgotten', () => {
  let out = '';
  const writer = new TabWriter((text) => (out += text), table);
  writer.write('a-long-name\t1\n');
  writer.flush();
  writer.write('b\t2\n');
  writer.flush();
  writer.forgetWidths();
  writer.write('c\t3\n');
  writer.flush();
  expect(out).toBe('a-long-name   1\nb             2\nc     3\n');
});

test('what a terminal would take for commands is shown, not obeyed', () => {
  expect(alignColumns('a\t\x1b[2Jb\rc', describeColumns)).toBe('a  ^[[2Jb\\rc');
});
