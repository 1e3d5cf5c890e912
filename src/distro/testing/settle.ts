/** What must come to rest before a test looks. */
export interface Activity {
  /** Changes whenever something happens. */
  readonly revision: number;
  /** Whether nobody is working at the moment. */
  readonly idle: boolean;
}

/** Turns of the event loop without any activity after which nothing more is on its way. */
const quietTurns = 6;
/** A loop of controllers that never comes to rest must not hang its test. */
const maxTurns = 20_000;

/** Lets the event loop turn until everything that can happen without time passing has happened. */
export async function settle(activity: () => Activity): Promise<void> {
  let last = activity().revision;
  let quiet = 0;
  for (let turn = 0; quiet < quietTurns; turn++) {
    if (turn > maxTurns) throw new Error('the cluster does not come to rest: controllers keep writing');
    await new Promise((resolve) => setImmediate(resolve));
    const { revision, idle } = activity();
    quiet = idle && revision === last ? quiet + 1 : 0;
    last = revision;
  }
}
