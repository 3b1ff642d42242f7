/** Answers the most popular questions of each use case before anybody asks them, and records what that took. */
import { type WarmupQuery, warmupCache } from '../llm/bulk/warmup.js';
import { checkAnswer, jobOf } from './asking.js';
import { USE_CASES } from './events.js';
import type { Question } from './questions.js';
import type { Session } from './session.js';
import { JOBS, type Job } from './upstream.js';

/** Resolves to how many questions were warmed. One that fails is left to the workload. */
export async function warmUp(session: Session): Promise<number> {
  const { questions, settings } = session;
  const popular = USE_CASES.flatMap((useCase) =>
    questions.filter((question) => question.useCase === useCase).slice(0, settings.warmedPerUseCase),
  );
  let warmed = 0;
  for (const job of JOBS) {
    const own = popular.filter((question) => jobOf(question) === job);
    if (own.length > 0) warmed += await warmJob(session, job, own);
  }
  return warmed;
}

async function warmJob(session: Session, job: Job, questions: readonly Question[]): Promise<number> {
  const { clients, log, settings } = session;
  const client = clients.byJob[job];
  const before = client.metrics();
  const queries = questions.map((question) => question.messages);
  const failed = new Set<WarmupQuery>();
  await warmupCache(client, queries, { onError: (_, query) => failed.add(query) });
  const after = client.metrics();
  const warmed = questions.filter((_, i) => !failed.has(queries[i] ?? ''));
  log.record({
    kind: 'warmed',
    job,
    useCase: questions[0]?.useCase ?? 'chat',
    questions: warmed.map((question) => question.id),
    failed: failed.size,
    inputTokens: after.inputTokens - before.inputTokens,
    outputTokens: after.outputTokens - before.outputTokens,
  });
  // Else nothing is known to hold the later hits of these questions against.
  if (settings.checkedShare > 0) for (const question of warmed) await checkAnswer(session, question, job);
  return warmed.length;
}
