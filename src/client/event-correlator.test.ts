import { expect, test } from 'vitest';
import { EventCorrelator } from './event-correlator.ts';

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'b', uid: 'u' } };
const event = (message: string): { type: 'Warning'; reason: string; message: string } => ({
  type: 'Warning',
  reason: 'BackOff',
  message,
});

test('identical events share a key, different messages do not', () => {
  const correlator = new EventCorrelator();
  const first = correlator.correlate(pod, event('x'), 0);
  expect(correlator.correlate(pod, event('x'), 1)?.key).toBe(first?.key);
  expect(correlator.correlate(pod, event('y'), 2)?.key).not.toBe(first?.key);
});

test('the tenth similar event is combined with those after it', () => {
  const correlator = new EventCorrelator();
  const results = Array.from({ length: 12 }, (_, i) => correlator.correlate(pod, event(`m${i}`), i));
  expect(results.map((r) => r?.message.startsWith('(combined from similar events): '))).toEqual([
    ...Array.from({ length: 9 }, () => false),
    true,
    true,
    true,
  ]);
  expect(results[10]?.key).toBe(results[11]?.key);
});

test('one object may record 25 events at once, then one every five minutes', () => {
  const correlator = new EventCorrelator();
  const at = (now: number): boolean => correlator.correlate(pod, event('x'), now) !== undefined;
  expect(Array.from({ length: 30 }, () => at(0)).filter(Boolean)).toHaveLength(25);
  expect(at(299_000)).toBe(false);
  expect(at(301_000)).toBe(true);
  expect(correlator.correlate({ ...pod, metadata: { ...pod.metadata, name: 'other' } }, event('x'), 0)).toBeDefined();
});
