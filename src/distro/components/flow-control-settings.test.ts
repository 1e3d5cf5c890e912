import { expect, test } from 'vitest';
import { apiServerFlags, refusedApiServerFlags } from './api-server-flags.ts';
import { flowControlSettings } from './flow-control-settings.ts';
import { parseFlags } from './parse-flags.ts';

function settings(...args: readonly string[]): ReturnType<typeof flowControlSettings> {
  const set = { component: 'kube-apiserver', flags: apiServerFlags, refused: refusedApiServerFlags };
  return flowControlSettings(parseFlags(set, args).values);
}

test('priority and fairness are on unless it is said otherwise, with as many seats as upstream has', () => {
  expect(settings()).toEqual({ enabled: true, maxRequestsInFlight: 400, maxMutatingRequestsInFlight: 200 });
  expect(settings('--enable-priority-and-fairness=false', '--max-requests-inflight=0')).toEqual({
    enabled: false,
    maxRequestsInFlight: 0,
    maxMutatingRequestsInFlight: 200,
  });
});

test('a server without a seat does not start', () => {
  const none = ['--max-requests-inflight=0', '--max-mutating-requests-inflight=0'];
  expect(() => settings(...none)).toThrow('they must add up to something positive');
  expect(() => settings(...none, '--enable-priority-and-fairness=false')).not.toThrow();
  expect(() => settings('--max-requests-inflight=-1')).toThrow('--max-requests-inflight');
});
