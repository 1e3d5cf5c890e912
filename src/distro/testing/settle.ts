/** What must come to rest before a test looks. */
export interface Activity {
  /** Changes whenever something happens. */
  readonly revision: number;
  /** Who is working at the moment. */
  readonly busy: readonly string[];
}

/** Turns of the event loop without any activity after which nothing more is on its way. */
const quietTurns = 6;
/** The same while somebody is at work: then he waits for time to pass, as an admission plug-in that tries again does. */
const stuckTurns = 60;
/** A loop of controllers that never comes to rest must not hang its test. */
const maxTurns = 20_000;

/** Lets the event loop turn until everything that can happen without time passing has happened. */
export async function settle(activity: () => Activity): Promise<void> {
  let last = activity().revision;
  let quiet = 0;
  for (let turn = 0; quiet < quietTurns || (quiet < stuckTurns && activity().busy.length > 0); turn++) {
    if (turn > maxTurns)
      throw new Error(`the cluster does not come to rest: ${activity().busy.join(', ') || 'somebody keeps writing'}`);
    await new Promise((resolve) => setImmediate(resolve));
    const { revision } = activity();
    quiet = revision === last ? quiet + 1 : 0;
    last = revision;
  }
}
