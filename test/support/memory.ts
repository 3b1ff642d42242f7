/** What memory is held, for tests of what is let go. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Of the objects that something refers to. */
export function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Of the buffers that something refers to. */
export function bufferBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** Twice: the bytes of a buffer may be given back only with the next one. */
export function collectGarbage(): void {
  collect();
  collect();
}
