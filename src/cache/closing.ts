/** The end of a cache: running loads may settle, but not for ever. */
import { type Clock, holdProcess } from '../core/clock.js';

/** How long close() waits for running loads. */
const PATIENCE_MS = 5000;

export async function settleOnClose(clock: Clock, settled: Promise<void>): Promise<void> {
  const release = holdProcess();
  let cancel: () => void = () => undefined;
  const patience = new Promise<void>((resolve) => {
    cancel = clock.setTimer(PATIENCE_MS, resolve);
  });
  await Promise.race([settled, patience]);
  cancel();
  release();
}
