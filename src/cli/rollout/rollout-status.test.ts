import { expect, test } from 'vitest';
import { asKubeObject } from '../resource/kube-object.ts';
import { rolloutProgress } from './rollout-status.ts';

const deployment = (status: object, more: object = {}) =>
  asKubeObject({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', generation: 2, annotations: { 'deployment.kubernetes.io/revision': '3' } },
    spec: { replicas: 3 },
    status: { observedGeneration: 2, ...status },
    ...more,
  });

test.each([
  [{ observedGeneration: 1 }, 'Waiting for deployment spec update to be observed...\n'],
  [
    { updatedReplicas: 1 },
    'Waiting for deployment "web" rollout to finish: 1 out of 3 new replicas have been updated...\n',
  ],
  [
    { updatedReplicas: 3, replicas: 4 },
    'Waiting for deployment "web" rollout to finish: 1 old replicas are pending termination...\n',
  ],
  [
    { updatedReplicas: 3, replicas: 3, availableReplicas: 2 },
    'Waiting for deployment "web" rollout to finish: 2 of 3 updated replicas are available...\n',
  ],
])('status %j: %s', (status, message) => {
  expect(rolloutProgress(deployment(status), 0)).toEqual({ message, done: false });
});

test('it is done when every replica is new and available', () => {
  const status = { updatedReplicas: 3, replicas: 3, availableReplicas: 3 };
  expect(rolloutProgress(deployment(status), 0)).toEqual({
    message: 'deployment "web" successfully rolled out\n',
    done: true,
  });
});

test('a rollout beyond its deadline, or of another revision, is a failure', () => {
  const late = { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] };
  expect(() => rolloutProgress(deployment(late), 0)).toThrow('deployment "web" exceeded its progress deadline');
  expect(() => rolloutProgress(deployment({}), 2)).toThrow(
    'desired revision (2) is different from the running revision (3)',
  );
});
