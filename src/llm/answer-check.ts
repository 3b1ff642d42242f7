/**
 * What one call wants of its answer: JSON that fits a schema. Repairs nothing: text around the JSON, a missing member or
 * one of another type makes the answer an invalid one. Keeps the last verdict, since an answer is judged at several doors.
 */
import { ProviderError } from '../core/errors.js';
import type { ProviderAnswer } from '../protocol/chat.js';
import type { AnswerSchema } from './types.js';

export type Verdict =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly problem: string; readonly cause?: unknown };

export class AnswerCheck {
  /** Equal for checks of one schema: answers are shared only among those who want the same of them. */
  readonly id: number;
  readonly #schema: AnswerSchema<unknown>;
  #text: string | undefined = undefined;
  #verdict: Verdict | undefined = undefined;

  constructor(schema: AnswerSchema<unknown>, id: number) {
    this.#schema = schema;
    this.id = id;
  }

  judge({ text, finishReason }: Pick<ProviderAnswer, 'text' | 'finishReason'>): Verdict {
    // It asks for something first: the data comes with a later answer.
    if (finishReason === 'tool-calls') return { ok: true, data: undefined };
    if (this.#verdict === undefined || this.#text !== text) {
      this.#text = text;
      this.#verdict = this.#parse(text);
    }
    return this.#verdict;
  }

  #parse(text: string): Verdict {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // The parser's own words quote the answer.
      return { ok: false, problem: 'is not JSON' };
    }
    try {
      const result = this.#schema.safeParse(value);
      return result.success ? { ok: true, data: result.data } : { ...MISFIT, cause: result.error };
    } catch (cause) {
      return { ...MISFIT, cause };
    }
  }
}

const MISFIT = { ok: false, problem: 'does not fit the schema' } as const;

/** May be tried again: the next answer is another one. */
export function invalidAnswer(provider: string, problem: string, cause: unknown): ProviderError {
  const options = { code: 'ERR_PROVIDER_INVALID_ANSWER', provider, retryable: true, cause };
  return new ProviderError(`the answer of ${provider} ${problem}`, options);
}
