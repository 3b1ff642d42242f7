/**
 * Asks the questions of the workload and records what became of each. Knows which client serves which use case, and how
 * a question becomes messages; the order and the times of the questions are not its business.
 */
import { createHash } from 'node:crypto';
import { isSherdError } from '../core/errors.js';
import type { ChatClient, ChatResponse } from '../llm/types.js';
import type { Message } from '../protocol/chat.js';
import { isComplex } from './clients.js';
import { toMicrosecond } from './event-log.js';
import type { Call, UseCase } from './events.js';
import type { Question } from './questions.js';
import type { Session } from './session.js';
import { isFastModel, type Job, type Upstream } from './upstream.js';

/** How one request of the workload is to be made. */
export interface Request {
  readonly sequence: number;
  readonly phase: string;
  readonly question: Question;
  readonly stream: boolean;
  /** Ask once more past the cache, and record that answer too. */
  readonly isChecked: boolean;
}

/** Who a question is for: chat has two models, and its words decide. */
export function jobOf(question: Question): Job {
  return question.useCase === 'chat' && isComplex(question.messages) ? 'chat-complex' : question.useCase;
}

/** Makes a request and records its outcome. Does not reject; a call that was aborted leaves no record. */
export async function makeRequest(session: Session, request: Request): Promise<void> {
  const { log, nowMs, signal, upstream } = session;
  const { sequence, phase, question, stream } = request;
  const { id, useCase, messages } = question;
  const startMs = nowMs();
  try {
    const response = await ask(session.clients.of[useCase], messages, stream);
    const latencyMs = toMicrosecond(nowMs() - startMs);
    const job = jobDone(upstream, useCase, response);
    if (job !== jobOf(question)) log.record({ kind: 'escalated', useCase, question: id });
    log.record({ kind: 'call', sequence, phase, useCase, question: id, stream, latencyMs, job, ...answered(response) });
    if (request.isChecked && response.target === 0) await checkAnswer(session, question, job);
  } catch (error) {
    if (signal.aborted) return;
    const latencyMs = toMicrosecond(nowMs() - startMs);
    const errorCode = isSherdError(error) ? error.code : 'unknown';
    log.record({
      kind: 'call',
      sequence,
      phase,
      useCase,
      question: id,
      stream,
      latencyMs,
      job: useCase,
      outcome: 'failed',
      errorCode,
    });
  }
}

function ask(client: ChatClient, messages: readonly Message[], stream: boolean): Promise<ChatResponse> {
  return stream ? client.stream(messages).final() : client.chat(messages);
}

/** Asks the provider itself, and records its answer; a provider that is down meanwhile leaves no record. */
export async function checkAnswer(
  { checkers, log }: Session,
  { id, useCase, messages }: Question,
  job: Job,
): Promise<void> {
  const response = await checkers.byJob[job].chat(messages).catch(() => undefined);
  if (response === undefined) return;
  log.record({ kind: 'checked', useCase, question: id, model: response.model, digest: digestOf(response.text) });
}

function answered(
  response: ChatResponse,
): Pick<Call, 'outcome' | 'answeredBy' | 'model' | 'digest' | 'inputTokens' | 'outputTokens'> {
  const { cached, shared, target, model, text, usage } = response;
  return {
    outcome: cached ? 'hit' : shared ? 'shared' : 'miss',
    answeredBy: target === 0 ? 'primary' : 'fallback',
    model,
    digest: digestOf(text),
    ...(usage === undefined ? {} : { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens }),
  };
}

/** Which model answered tells which job was done. */
function jobDone(upstream: Upstream, useCase: UseCase, { model }: ChatResponse): Job {
  return useCase === 'chat' && !isFastModel(upstream, model) ? 'chat-complex' : useCase;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
