/** How long the event loop stood still at most, be it for work of its own or because the process was not let run. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;

/** Watches from now on. The returned function tells the longest stop in milliseconds, and ends the watch. */
export function watchStops() {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  return () => {
    delays.disable();
    return delays.max / 1e6;
  };
}
