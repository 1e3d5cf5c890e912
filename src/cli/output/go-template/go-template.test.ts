import { expect, test } from 'vitest';
import { compileGoTemplate } from './go-template.ts';

const data = {
  kind: 'List',
  empty: [],
  items: [
    { name: 'a', n: 1 },
    { name: 'b', n: 2 },
  ],
  labels: { x: '1', y: '2' },
  secret: 'aGk=',
};

test.each([
  ['{{.kind}} {{.nope}} {{.nope.deeper}}', 'List <no value> <no value>'],
  ['{{range .items}}{{.name}},{{end}}', 'a,b,'],
  ['{{range $i, $item := .items}}{{if $i}}; {{end}}{{$i}}={{$item.name}}{{end}}', '0=a; 1=b'],
  ['{{range $k, $v := .labels}}{{$k}}:{{$v}} {{end}}', 'x:1 y:2 '],
  ['{{range .empty}}x{{else}}none{{end}}', 'none'],
  ['{{with .labels}}{{.x}}{{end}}{{with .nope}}x{{else}}y{{end}}', '1y'],
  ['a  {{- " b " -}}  c', 'a b c'],
  ['{{/* nothing */}}x', 'x'],
  ['{{if and (eq .kind "List") (gt (len .items) 1)}}yes{{else if .nope}}maybe{{else}}no{{end}}', 'yes'],
  ['{{(index .items 1).name}} {{index .labels "y"}}', 'b 2'],
  ['{{.kind | printf "%-6s|"}}', 'List  |'],
  ['{{printf "%q %d" .kind 3}}', '"List" 3'],
  ['{{.secret | base64decode}}', 'hi'],
  ['{{$x := "1"}}{{range .items}}{{$x = .name}}{{end}}{{$x}}', 'b'],
  ['{{.labels}} {{.items}}', 'map[x:1 y:2] [map[n:1 name:a] map[n:2 name:b]]'],
  ['{{define "t"}}<{{.}}>{{end}}{{template "t" .kind}}', '<List>'],
])('%s gives %j', (template, expected) => {
  expect(compileGoTemplate(template)(data)).toBe(expected);
});

test.each([
  ['{{.x', 'unclosed action'],
  ['{{if .x}}', 'unexpected EOF'],
  ['{{nope}}', 'function "nope" not defined'],
  ['{{range .kind}}{{end}}', "range can't iterate over List"],
])('%s fails: %s', (template, message) => {
  expect(() => compileGoTemplate(template)(data)).toThrow(message);
});
