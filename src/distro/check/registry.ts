import { apiServerChecks } from './api-server-checks.ts';
import type { Check } from './check.ts';
import { fileChecks } from './file-checks.ts';
import { kubeletChecks } from './kubelet-checks.ts';
import { rbacChecks } from './rbac-checks.ts';
import { workloadChecks } from './workload-checks.ts';

/** Every check of `kubets check`. */
export const checks: readonly Check[] = [
  ...apiServerChecks,
  ...kubeletChecks,
  ...fileChecks,
  ...rbacChecks,
  ...workloadChecks,
];
