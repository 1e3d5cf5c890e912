import { expect, test } from 'vitest';
import { exponentialBounds } from './distribution.ts';
import { MetricRegistry } from './metric-registry.ts';

test('metrics are rendered with their labels, and what is in a label cannot end it', () => {
  const metrics = new MetricRegistry();
  const asked = metrics.counter({ name: 'asked_total', help: 'Questions.', labels: ['who', 'how'] });
  asked.of('ann', 'kindly').value++;
  asked.of('ann', 'kindly').value++;
  asked.of('b"} 1\n', '\\').value++;
  metrics.gauge({ name: 'waiting', help: 'Now.' }).of().value = 3;
  expect(metrics.render()).toBe(
    [
      '# HELP asked_total Questions.',
      '# TYPE asked_total counter',
      'asked_total{who="ann",how="kindly"} 2',
      String.raw`asked_total{who="b\"} 1\n",how="\\"} 1`,
      '# HELP waiting Now.',
      '# TYPE waiting gauge',
      'waiting 3\n',
    ].join('\n'),
  );
});

test('a histogram counts what is at most its bounds, each including those below', () => {
  const metrics = new MetricRegistry();
  const took = metrics.histogram({ name: 'took_seconds', help: 'Time.', labels: ['what'] }, [1, 2]).of('work');
  for (const value of [0.5, 1, 1.5, 9]) took.observe(value);
  expect(metrics.render().split('\n').slice(2, -1)).toEqual([
    'took_seconds_bucket{what="work",le="1"} 2',
    'took_seconds_bucket{what="work",le="2"} 3',
    'took_seconds_bucket{what="work",le="+Inf"} 4',
    'took_seconds_sum{what="work"} 12',
    'took_seconds_count{what="work"} 4',
  ]);
});

test('a metric that is asked for again is the same one', () => {
  const metrics = new MetricRegistry();
  const description = { name: 'n', help: 'N.' };
  metrics.counter(description).of().value++;
  metrics.counter(description).of().value++;
  expect(metrics.render()).toContain('\nn 2\n');
});

test('exponential bounds grow by their factor', () => {
  expect(exponentialBounds(0.001, 2, 4)).toEqual([0.001, 0.002, 0.004, 0.008]);
});
