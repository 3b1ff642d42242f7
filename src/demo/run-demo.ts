/**
 * The main job from end to end: reads the corpus, starts the servers, builds the clients, warms the cache, serves the
 * workload through an announced outage, and leaves the event log, the figures and the page.
 */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { ProviderName } from '../llm/provider-names.js';
import { createCheckers, createClients, createRunCache } from './clients.js';
import { readCorpus } from './corpus.js';
import { createEventLog, type EventLog } from './event-log.js';
import { type DemoEvent, USE_CASES } from './events.js';
import { type Figures, figuresOf } from './figures.js';
import { count, counted, decimals } from './format.js';
import { type Goal, goalsOf } from './goals.js';
import { createQuestions, type Question } from './questions.js';
import { recordCache, recordClients, recordSettings } from './recording.js';
import { recordOf } from './records.js';
import { openOutput } from './run-output.js';
import { serveWorkload } from './serve-workload.js';
import type { ProviderServer } from './server-process.js';
import type { Session } from './session.js';
import type { DemoSettings } from './settings.js';
import type { Terminal } from './terminal.js';
import { localUpstream, realUpstream, type Upstream } from './upstream.js';
import { warmUp } from './warm-up.js';
import { ZIPF_EXPONENT } from './workload.js';

export interface DemoPorts {
  readonly version: string;
  readonly terminal: Terminal;
  /** Where to look for node_modules folders. */
  readonly corpusStarts: readonly string[];
  /** Folder of the report. */
  readonly out: string;
  /** Starts one local server. */
  readonly startServer: () => Promise<ProviderServer>;
  /** Aborting it ends the run with what there is. */
  readonly signal: AbortSignal;
}

/** A real provider, in place of the embedded one. */
export interface RealProvider {
  readonly name: ProviderName;
  /** Undefined: the provider's model of each use case's tier. */
  readonly model: string | undefined;
}

export interface DemoResult {
  readonly events: readonly DemoEvent[];
  readonly figures: Figures;
  readonly goals: readonly Goal[];
  readonly isInterrupted: boolean;
}

/** Throws the errors of its parts: no corpus, no output folder, no server, a ConfigError for a missing key. */
export async function runDemo(
  settings: DemoSettings,
  real: RealProvider | undefined,
  ports: DemoPorts,
): Promise<DemoResult> {
  const output = await openOutput(ports.out);
  const log = createEventLog(() => performance.now(), output.writeLine);
  const servers = real === undefined ? await Promise.all([ports.startServer(), ports.startServer()]) : [];
  try {
    const [primary, backup] = servers;
    const upstream =
      real === undefined
        ? localUpstream(primary?.baseUrl ?? '', backup?.baseUrl ?? '')
        : realUpstream(real.name, real.model);
    recordStart(log, settings, upstream, ports);
    await runOver(settings, upstream, primary, log, ports);
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
  const isInterrupted = ports.signal.aborted;
  log.record({ kind: 'run-ended', reason: isInterrupted ? 'interrupted' : 'finished' });
  const { events } = log;
  const figures = figuresOf(events);
  const goals = goalsOf(figures, { hasOutage: real === undefined });
  await output.finish(events, { eventsSha256: log.digest(), figures }, goals);
  return { events, figures, goals, isInterrupted };
}

function recordStart(log: EventLog, settings: DemoSettings, upstream: Upstream, { version }: DemoPorts): void {
  log.record({
    kind: 'run-started',
    startedAt: new Date().toISOString(),
    version,
    node: process.version,
    cpus: availableParallelism(),
    seed: settings.seed,
    provider: upstream.fallback === undefined ? upstream.provider : 'embedded extractive',
    zipfExponent: ZIPF_EXPONENT,
    tunerIntervalMs: settings.tunerIntervalMs,
    tunerHysteresis: settings.tunerHysteresis,
    prices: upstream.prices,
  });
}

async function runOver(
  settings: DemoSettings,
  upstream: Upstream,
  primary: ProviderServer | undefined,
  log: EventLog,
  ports: DemoPorts,
): Promise<void> {
  const { terminal, signal } = ports;
  const cache = createRunCache(settings);
  const clients = createClients(upstream, settings, cache);
  const checkers = createCheckers(upstream);
  const close = (): Promise<unknown> => Promise.all([clients.close(), checkers.close(), cache.close()]);
  const stop = (): void => void close();
  // Calls under way are given a moment by close(), then ended.
  signal.addEventListener('abort', stop);
  try {
    const questions = await prepareQuestions(settings, log, ports);
    const session: Session = {
      settings,
      upstream,
      primary,
      cache,
      clients,
      checkers,
      questions,
      log,
      terminal,
      signal,
      nowMs: () => performance.now(),
    };
    recordClients(clients, log);
    recordCache(cache, log);
    terminal.print(announce(settings));
    terminal.print(`▸ Warmup: ${counted(await warmUp(session), 'popular question')} answered ahead`);
    await serveWorkload(session);
    recordSettings(cache, clients, log);
  } finally {
    signal.removeEventListener('abort', stop);
    await close();
  }
}

async function prepareQuestions(settings: DemoSettings, log: EventLog, ports: DemoPorts): Promise<readonly Question[]> {
  const corpus = await readCorpus(ports.corpusStarts, settings.corpus);
  const questions = createQuestions(corpus, settings.questions, settings.seed);
  const { packages, bytes } = corpus;
  const documents = corpus.documents.length;
  const counts = recordOf(USE_CASES, (useCase) => questions.filter((question) => question.useCase === useCase).length);
  log.record({ kind: 'corpus-read', packages, documents, bytes, questions: counts });
  ports.terminal.print(
    `${count(documents)} documents (${decimals(bytes / 1e6, 1)} MB) of ${count(packages)} installed packages, ` +
      `${count(questions.length)} questions: ${USE_CASES.map((useCase) => `${counts[useCase]} ${useCase}`).join(', ')}`,
  );
  return questions;
}

function announce({ seed, tunerIntervalMs, tunerHysteresis, phases }: DemoSettings): string {
  const loads = phases.map((phase) => `${phase.requestsPerSecond}/s`).join(', ');
  return [
    `questions repeat by Zipf's law (exponent ${ZIPF_EXPONENT}, seed ${seed}), arrivals are Poisson at ${loads}`,
    `the auto-tuner looks every ${tunerIntervalMs / 1000} s and acts after ${tunerHysteresis} equal verdicts; its tiers meet at 100 operations/s`,
  ].join('\n');
}
