/** Which field the harness holds at its default right now; read by the wrapped resolve() of forced-default.setup.ts. */

export interface ForcedField {
  readonly scope: string;
  readonly field: string;
}

const state: { forced: ForcedField | undefined } = { forced: undefined };

export function forcedField(): ForcedField | undefined {
  return state.forced;
}

/** Runs `body` while every setting of the field, from whatever option or profile, comes out as its default. */
export async function withForcedDefault(forced: ForcedField, body: () => void | Promise<void>): Promise<void> {
  state.forced = forced;
  try {
    await body();
  } finally {
    state.forced = undefined;
  }
}
