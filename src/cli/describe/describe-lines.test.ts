import { expect, test } from 'vitest';
import { probeText } from './container-lines.ts';
import { speakingName } from './describe-generic.ts';
import { rolesOf } from './describe-node.ts';
import { ruleLines } from './describe-rbac.ts';
import { DescribeWriter } from './describe-writer.ts';
import { writeAnnotations, writeLabels, writeTolerations } from './meta-lines.ts';

test('labels are sorted and aligned, none is said', () => {
  const writer = new DescribeWriter();
  writeLabels(writer, 'Labels', { b: '2', a: '1' });
  writeLabels(writer, 'Node-Selectors', undefined);
  expect(writer.text()).toBe('Labels:          a=1\n                 b=2\nNode-Selectors:  <none>\n');
});

test('annotations that are long or have several lines stand on lines of their own', () => {
  const writer = new DescribeWriter();
  writeAnnotations(writer, 'Annotations', {
    long: 'x'.repeat(150),
    short: 'value',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
  });
  expect(writer.text()).toBe(
    `Annotations:  long:\n                ${'x'.repeat(138)}...\n              short: value\n`,
  );
});

test('tolerations show key, value, effect, operator and time', () => {
  const writer = new DescribeWriter();
  writeTolerations(writer, 'Tolerations', [
    { key: 'z', operator: 'Exists' },
    { key: 'a', value: 'b', effect: 'NoSchedule' },
    { key: 'm', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    { operator: 'Exists' },
  ]);
  expect(writer.text()).toBe(
    'Tolerations:  op=Exists\n              a=b:NoSchedule\n              m:NoExecute op=Exists for 300s\n              z op=Exists\n',
  );
});

test('probes are told in one line', () => {
  const times = {
    initialDelaySeconds: 3,
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  };
  const attributes = 'delay=3s timeout=1s period=10s #success=1 #failure=3';
  expect(probeText({ ...times, httpGet: { path: '/x', port: 80, scheme: 'HTTP' } })).toBe(
    `http-get http://:80/x ${attributes}`,
  );
  expect(probeText({ ...times, tcpSocket: { port: 'http' } })).toBe(`tcp-socket :http ${attributes}`);
  expect(probeText({ ...times, exec: { command: ['cat', '/x'] } })).toBe(`exec [cat /x] ${attributes}`);
});

test('rules are shown one resource a line, equal ones together', () => {
  const rules = [
    { apiGroups: ['', 'apps'], resources: ['pods', 'pods/log'], verbs: ['get'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    { nonResourceURLs: ['/healthz'], verbs: ['get'] },
  ];
  expect(ruleLines(rules).toSorted()).toEqual(
    [
      '\t[/healthz]\t[]\t[get]',
      'pods.apps/log\t[]\t[]\t[get]',
      'pods.apps\t[]\t[]\t[get]',
      'pods/log\t[]\t[]\t[get]',
      'pods\t[]\t[]\t[get list]',
    ].toSorted(),
  );
});

test('field names become words', () => {
  expect(['creationTimestamp', 'apiVersion', 'uid', 'podIP', 'a.b'].map(speakingName)).toEqual([
    'Creation Timestamp',
    'API Version',
    'UID',
    'Pod Ip',
    'a.b',
  ]);
});

test('the roles of a node come from its labels', () => {
  expect(
    rolesOf({ 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '', other: 'x' }),
  ).toBe('control-plane,worker');
});
