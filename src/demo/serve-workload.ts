/** Serves the workload: makes each request when it is due, begins and ends the phases, and shows how it goes. */
import { makeRequest } from './asking.js';
import { liveStatus } from './live-status.js';
import { type DueTask, runOpenLoop, systemTiming } from './open-loop.js';
import { createSampler } from './recording.js';
import type { Session } from './session.js';
import { JOBS } from './upstream.js';
import { OUTAGE_PHASE, type Phase, type PlannedRequest, planWorkload } from './workload.js';

const SAMPLE_INTERVAL_MS = 1000;

/** Resolves when every request that was made has ended. */
export async function serveWorkload(session: Session): Promise<void> {
  const { settings, questions, signal, nowMs } = session;
  const plan = planWorkload({ ...settings, questionCount: questions.length });
  const progress = { phase: '', requests: 0 };
  const totalMs = settings.phases.reduce((sum, phase) => sum + phase.durationMs, 0);
  const startMs = nowMs();
  const sample = createSampler(session.cache, session.log, nowMs);
  const ticker = setInterval(() => {
    sample();
    show(session, progress, nowMs() - startMs, totalMs);
  }, SAMPLE_INTERVAL_MS);
  try {
    const tasks = [
      ...phaseTasks(session, (phase) => {
        progress.phase = phase.name;
      }),
      ...requestTasks(session, plan, () => progress.requests++),
    ];
    await runOpenLoop(
      tasks.toSorted((a, b) => a.dueMs - b.dueMs),
      systemTiming,
      signal,
    );
  } finally {
    clearInterval(ticker);
  }
}

/** The beginnings of the phases, and the end of the last one. */
function phaseTasks(session: Session, onBegin: (phase: Phase) => void): readonly DueTask[] {
  const tasks: DueTask[] = [];
  let dueMs = 0;
  let last: Phase | undefined;
  for (const phase of session.settings.phases) {
    const before = last;
    tasks.push({
      dueMs,
      run() {
        onBegin(phase);
        return beginPhase(session, phase, before);
      },
    });
    dueMs += phase.durationMs;
    last = phase;
  }
  return [...tasks, { dueMs, run: () => undefined }];
}

async function beginPhase(session: Session, phase: Phase, before: Phase | undefined): Promise<void> {
  const { log, terminal } = session;
  const { name, title, durationMs, requestsPerSecond } = phase;
  log.record({ kind: 'phase-began', phase: name, title, durationMs, requestsPerSecond });
  terminal.print(`▸ ${title}: ${requestsPerSecond} requests/s for ${durationMs / 1000} s`);
  if (name === OUTAGE_PHASE) await setOutage(session, 'began');
  if (before?.name === OUTAGE_PHASE) await setOutage(session, 'ended');
}

async function setOutage({ primary, log, terminal }: Session, state: 'began' | 'ended'): Promise<void> {
  if (primary === undefined) {
    if (state === 'began') terminal.print('  skipped: a real provider is not taken down');
    return;
  }
  await primary.setOutage(state === 'began');
  log.record({ kind: 'outage', state });
}

function requestTasks(session: Session, plan: readonly PlannedRequest[], onMade: () => void): readonly DueTask[] {
  return plan.flatMap(({ dueMs, phase, rank, stream, isChecked }, sequence): readonly DueTask[] => {
    const question = session.questions[rank];
    if (question === undefined) return [];
    const request = { sequence, phase, question, stream, isChecked };
    return [
      {
        dueMs,
        run() {
          onMade();
          return makeRequest(session, request);
        },
      },
    ];
  });
}

interface Progress {
  readonly phase: string;
  readonly requests: number;
}

function show(
  { terminal, log, cache, clients }: Session,
  { phase, requests }: Progress,
  elapsedMs: number,
  totalMs: number,
): void {
  const breakers = JOBS.flatMap((job) =>
    clients.byJob[job]
      .metrics()
      .breakers.filter(({ target }) => target === 0)
      .map(({ state }) => [job, state] as const),
  );
  const state = {
    phase,
    elapsedMs,
    totalMs,
    requests,
    shardCount: cache.shardCount,
    breakers: Object.fromEntries(breakers),
  };
  terminal.showStatus(liveStatus(state, log.events));
}
