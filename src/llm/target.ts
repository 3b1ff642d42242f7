/** Who can be asked. */
import type { Provider } from '../providers/provider.js';
import type { Gate } from './gate.js';

export interface Target {
  /** 0 for the primary. */
  readonly index: number;
  readonly provider: Provider;
  /** What is asked unless a call names another. */
  readonly model: string;
  /** Its keys, its limits, and the queue before it. */
  readonly gate: Gate;
}
