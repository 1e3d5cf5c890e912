/**
 * Does `count` times what may fail for the same reason each time, in batches of 1, 2, 4 …: after a batch with a
 * failure it stops. Returns how many succeeded and the first failure.
 */
export async function slowStart(
  count: number,
  act: () => Promise<void>,
): Promise<{ readonly done: number; readonly failure: unknown }> {
  let done = 0;
  for (let batch = Math.min(1, count); batch > 0; batch = Math.min(2 * batch, count - done)) {
    const results = await Promise.allSettled(Array.from({ length: batch }, () => act()));
    const failures = results.filter((result) => result.status === 'rejected');
    done += batch - failures.length;
    if (failures.length > 0) return { done, failure: failures[0]?.reason };
  }
  return { done, failure: undefined };
}
