import { defineVerb } from '../command/verb.ts';

/** `kubectl rollout` */
export const rollout = defineVerb({
  usage: 'rollout SUBCOMMAND',
  long: `Manage the rollout of one or many resources.

 Valid resource types include:

  *  deployments
  *  daemonsets
  *  statefulsets`,
  examples: `# Rollback to the previous deployment
kubectl rollout undo deployment/abc

# Check the rollout status of a daemonset
kubectl rollout status daemonset/foo

# Restart a deployment
kubectl rollout restart deployment/abc

# Restart deployments with the 'app=nginx' label
kubectl rollout restart deployment --selector=app=nginx`,
  flags: {},
  helpOnOutput: true,
  subcommands: [
    {
      name: 'history',
      short: 'View rollout history',
      load: async () => (await import('./rollout/history.ts')).rolloutHistory,
    },
    {
      name: 'pause',
      short: 'Mark the provided resource as paused',
      load: async () => (await import('./rollout/pause.ts')).rolloutPause,
    },
    {
      name: 'restart',
      short: 'Restart a resource',
      load: async () => (await import('./rollout/restart.ts')).rolloutRestart,
    },
    {
      name: 'resume',
      short: 'Resume a paused resource',
      load: async () => (await import('./rollout/pause.ts')).rolloutResume,
    },
    {
      name: 'status',
      short: 'Show the status of the rollout',
      load: async () => (await import('./rollout/status.ts')).rolloutStatus,
    },
    {
      name: 'undo',
      short: 'Undo a previous rollout',
      load: async () => (await import('./rollout/undo.ts')).rolloutUndo,
    },
  ],
});
