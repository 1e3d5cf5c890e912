/** What the author of a Job should know although it is valid. Source: kubernetes' WarningsForJobSpec. */
import type { JobSpec } from './job.ts';

/** Above these, the text of an Indexed Job's completed indexes may become too long for the Job. */
const manyCompletions = 100_000;
const highParallelism = 10_000;

/** The warnings about a Job's spec at `path`. */
export function jobWarnings({ completionMode, completions = 0, parallelism = 0 }: JobSpec, path: string): string[] {
  const isIndexed = completionMode === 'Indexed';
  if (!isIndexed || completions <= manyCompletions || parallelism <= highParallelism) return [];
  return [
    `${path}: In Indexed Jobs with a number of completions higher than ${manyCompletions} and a parallelism higher than ${highParallelism}, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`,
  ];
}
