/**
 * What upstream calls took, by target and model. Models may be named per call, so only the first few keep figures of their
 * own, the configured one always; the others are counted together. So no metric can grow with what is asked.
 */
import { BoundedTable } from '../telemetry/bounded-table.js';
import { BucketCounts } from '../telemetry/bucket-counts.js';
import type { Labels } from '../telemetry/metric.js';
import type { ClientEvents } from './event-types.js';

/** Of histograms in seconds: those of source document 001, and the thresholds of the alert tables. */
export const DURATION_BOUNDS: readonly number[] = Object.freeze([0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60]);

/** Models of all targets together. A histogram has a dozen series for each: a metric stays under a thousand. */
const MAX_MODELS = 60;
/** What a target keeps however many there are. */
const LEAST_MODELS = 2;

type Outcome = ClientEvents['upstream-call']['outcome'];

export interface ModelFigures {
  readonly calls: Record<Outcome, number>;
  readonly durations: BucketCounts;
  readonly firstTokens: BucketCounts;
  inputTokens: number;
  cachedInputTokens: number;
  cacheWriteInputTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  /** Dollars. */
  cost: number;
}

/** What is configured to be asked. */
interface Asked {
  readonly provider: { readonly name: string };
  readonly model: string;
}

interface TargetFigures {
  readonly provider: string;
  readonly models: BoundedTable<ModelFigures>;
}

export class UpstreamFigures {
  readonly #targets: readonly TargetFigures[];

  constructor(targets: readonly Asked[]) {
    const limit = Math.max(LEAST_MODELS, Math.floor(MAX_MODELS / targets.length));
    this.#targets = targets.map(({ provider, model }) => {
      const models = new BoundedTable(limit, createFigures);
      models.of(model);
      return { provider: provider.name, models };
    });
  }

  /** `isTimed` is false where latencies are not to be sampled. */
  record(event: ClientEvents['upstream-call'], isTimed: boolean): void {
    const figures = this.#targets[event.target]?.models.of(event.model);
    if (figures === undefined) return;
    const { usage } = event;
    figures.calls[event.outcome]++;
    figures.cost += event.cost ?? 0;
    figures.inputTokens += usage?.inputTokens ?? 0;
    figures.cachedInputTokens += usage?.cachedInputTokens ?? 0;
    figures.cacheWriteInputTokens += usage?.cacheWriteInputTokens ?? 0;
    figures.outputTokens += usage?.outputTokens ?? 0;
    figures.reasoningTokens += usage?.reasoningTokens ?? 0;
    if (!isTimed || event.outcome === 'aborted') return;
    figures.durations.record(event.durationMs / 1000);
    if (event.firstTokenMs !== undefined) figures.firstTokens.record(event.firstTokenMs / 1000);
  }

  /** With the labels provider, model and target. */
  list(): readonly { readonly labels: Labels; readonly figures: ModelFigures }[] {
    return this.#targets.flatMap(({ provider, models }, target) =>
      Array.from(models.entries(), ([model, figures]) => {
        return { labels: { provider, model, target: String(target) }, figures };
      }),
    );
  }
}

function createFigures(): ModelFigures {
  return {
    calls: { ok: 0, failed: 0, aborted: 0 },
    durations: new BucketCounts(DURATION_BOUNDS),
    firstTokens: new BucketCounts(DURATION_BOUNDS),
    inputTokens: 0,
    cachedInputTokens: 0,
    cacheWriteInputTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    cost: 0,
  };
}
