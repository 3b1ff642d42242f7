/** Which field the harness holds at its default right now; read by the wrapped resolve() of forced-default.setup.ts. */

export interface ForcedField {
  readonly scope: string;
  readonly field: string;
}

const state: { forced: ForcedField | undefined; applied: number } = { forced: undefined, applied: 0 };

export function forcedField(): ForcedField | undefined {
  return state.forced;
}

/** The wrapped resolve() has put the default in force. */
export function noteForced(): void {
  state.applied++;
}

/** How often that happened during the last body. */
export function timesForced(): number {
  return state.applied;
}

/** Runs `body` while every setting of the field, from whatever option or profile, comes out as its default. */
export async function withForcedDefault(forced: ForcedField, body: () => void | Promise<void>): Promise<void> {
  state.forced = forced;
  state.applied = 0;
  try {
    await body();
  } finally {
    state.forced = undefined;
  }
}
