/** Holds the client's figures against the alert thresholds, every ten seconds. Its timer never holds the process. */
import { availableParallelism } from 'node:os';
import { llmAlertFigures } from '../adaptive/alert-figures.js';
import { type AlertSettings, alertRules } from '../adaptive/alert-settings.js';
import { type Alert, createAlertWatch } from '../adaptive/alerts.js';
import type { Clock } from '../core/clock.js';
import { createCpuShare } from '../telemetry/cpu-share.js';
import type { Emitter } from '../telemetry/emitter.js';
import type { ClientEvents } from './event-types.js';
import { llmAlertTables } from './fields.js';
import type { ClientLog } from './metrics.js';

const INTERVAL_MS = 10_000;

export interface ClientAlerts {
  /** Those that stand. */
  active(): readonly Alert[];
  /** Errors of the listener that were contained. */
  readonly containedErrors: number;
  end(): void;
}

/** Starts watching. */
export function watchAlerts(
  settings: AlertSettings,
  log: ClientLog,
  emitter: Emitter<ClientEvents>,
  clock: Clock,
): ClientAlerts {
  const cpuShare = createCpuShare(() => clock.nowMs(), availableParallelism());
  const alerts = createAlertWatch(alertRules(settings, llmAlertTables), {
    onAlert: (alert) => {
      emitter.emit('alert', alert);
      settings.onAlert?.(alert);
    },
    onClear: (alert) => emitter.emit('alert-cleared', alert),
  });
  let before = log.alertSample(cpuShare());
  let cancel = clock.setTimer(INTERVAL_MS, look);
  function look(): void {
    const now = log.alertSample(cpuShare());
    alerts.evaluate(llmAlertFigures(now, before));
    before = now;
    cancel = clock.setTimer(INTERVAL_MS, look);
  }
  return {
    active: () => alerts.active(),
    get containedErrors() {
      return alerts.containedErrors;
    },
    end: () => cancel(),
  };
}
