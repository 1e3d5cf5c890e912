/** Other forms of object versions than their JSON: made once, shared by all who ask, forgotten when there are too many. */

/** Bytes of forms that are kept, over all objects. */
const keptBytes = 64 * 1024 * 1024;
/** What keeping a form takes beside its bytes. */
const overhead = 200;

/** The forms of one object version. It holds nothing but them, so that being kept here keeps no object in memory. */
export class SharedForms {
  #forms: Map<string, Buffer> | undefined;

  /** The form under a name; made by `make` if it is not known. */
  get(name: string, make: () => Buffer): Buffer {
    const known = this.#forms?.get(name);
    if (known) return known;
    const form = make();
    (this.#forms ??= new Map()).set(name, form);
    remember(this, form.length);
    return form;
  }

  /** Forgets all forms. */
  clear(): void {
    this.#forms = undefined;
  }
}

interface Kept {
  readonly forms: SharedForms;
  readonly bytes: number;
}

/** Two generations: what was made lately, and what was made before. The older goes when the younger is full. */
let young: Kept[] = [];
let old: Kept[] = [];
let youngBytes = 0;

function remember(forms: SharedForms, bytes: number): void {
  young.push({ forms, bytes });
  youngBytes += bytes + overhead;
  if (youngBytes < keptBytes / 2) return;
  for (const kept of old) kept.forms.clear();
  old = young;
  young = [];
  youngBytes = 0;
}
