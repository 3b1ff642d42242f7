/** What a run of the main job is made of: how long, how much, at what pace. Everything that can be set stands here. */
import { CORPUS_BOUNDS, type CorpusBounds } from './corpus.js';
import { QUESTION_COUNTS, type QuestionCounts } from './questions.js';
import { PHASES, type Phase, scalePhases } from './workload.js';

export interface DemoSettings {
  readonly seed: number;
  readonly phases: readonly Phase[];
  readonly corpus: CorpusBounds;
  readonly questions: QuestionCounts;
  /** The most popular questions of each use case, answered before the workload begins. */
  readonly warmedPerUseCase: number;
  readonly tunerIntervalMs: number;
  readonly tunerHysteresis: number;
  /** From the opening of a breaker to its first probe. */
  readonly breakerResetMs: number;
  /** Share 0..1 of the requests whose question is asked once more, past the cache. */
  readonly checkedShare: number;
}

const TUNER_INTERVAL_MS = 2000;
const TUNER_HYSTERESIS = 2;
const BREAKER_RESET_MS = 1500;

/** The run of `npm start`. */
export function defaultSettings(seed: number): DemoSettings {
  return {
    seed,
    phases: PHASES,
    corpus: CORPUS_BOUNDS,
    questions: QUESTION_COUNTS,
    warmedPerUseCase: 20,
    tunerIntervalMs: TUNER_INTERVAL_MS,
    tunerHysteresis: TUNER_HYSTERESIS,
    breakerResetMs: BREAKER_RESET_MS,
    checkedShare: 0.02,
  };
}

/** The same run in another time. A shorter one keeps its pace relative to the phases: the tuner looks more often. */
export function inTime(settings: DemoSettings, totalMs: number): DemoSettings {
  const factor = Math.min(1, totalMs / settings.phases.reduce((sum, phase) => sum + phase.durationMs, 0));
  return {
    ...settings,
    phases: scalePhases(settings.phases, totalMs),
    tunerIntervalMs: Math.round(settings.tunerIntervalMs * factor),
    breakerResetMs: Math.round(settings.breakerResetMs * factor),
  };
}

/** A small corpus and few questions: for a look, or a test. */
export function quick(settings: DemoSettings): DemoSettings {
  return {
    ...settings,
    corpus: { ...settings.corpus, totalBytes: 2 ** 20 },
    questions: { chat: 240, codegen: 140, docs: 80 },
    warmedPerUseCase: 5,
  };
}

/** For a provider that is paid and limited: few questions, so that few calls leave, and no haste. */
export function sparing(settings: DemoSettings): DemoSettings {
  return {
    ...settings,
    questions: { chat: 24, codegen: 12, docs: 6 },
    warmedPerUseCase: 2,
    checkedShare: 0,
  };
}
