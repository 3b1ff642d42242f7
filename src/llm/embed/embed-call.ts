/** What embed() is told: checked at once, and turned into a call of the same kind as a chat. */
import { ConfigError, type ConfigIssue } from '../../core/errors.js';
import { printValue } from '../../options/option.js';
import { type Message, userMessage } from '../../protocol/chat.js';
import { concurrencyType } from '../bulk/settings.js';
import { perCallIssues, printKind } from '../call.js';
import type { LlmConfig } from '../config.js';
import type { EmbedPerCall } from '../types.js';

/** What a call may say that goes for texts. */
const NAMES: readonly (keyof EmbedPerCall)[] = [
  'signal',
  'model',
  'timeout',
  'totalTimeout',
  'retryCount',
  'retryDelay',
  'cache',
  'ttl',
  'scope',
  'vendor',
  'dimensions',
  'concurrency',
];

/** Throws one ConfigError for everything that is wrong, but for settings that the client has, too. No text is quoted. */
export function checkEmbed(texts: readonly string[], perCall: EmbedPerCall): void {
  const issues = [...textIssues(texts), ...perCallIssues(perCall, NAMES)];
  const { dimensions, concurrency } = (perCall ?? {}) as EmbedPerCall;
  const refuse = (path: string, expected: string, received: unknown): void => {
    issues.push({ path, expected, received: printValue(received), setBy: 'the call' });
  };
  if (dimensions !== undefined && !(Number.isSafeInteger(dimensions) && dimensions > 0))
    refuse('dimensions', 'a whole number from 1', dimensions);
  if (concurrency !== undefined && !concurrencyType.parse(concurrency).ok)
    refuse('concurrency', concurrencyType.expected, concurrency);
  if (issues.length > 0) throw new ConfigError('this call', issues);
}

export function noEmbeddings(provider: string): ConfigError {
  const expected = 'a provider with embeddings';
  return new ConfigError('this call', [{ path: 'provider', expected, received: provider, setBy: 'withProvider' }]);
}

export function noEmbeddingModel(provider: string): ConfigError {
  const expected = `an embedding model of ${provider}, since none is listed for it`;
  return new ConfigError('this call', [{ path: 'model', expected, received: 'none', setBy: 'the call' }]);
}

/** The settings of a client as they hold for texts: what shapes an answer has no say. */
export function settingsForTexts(settings: Readonly<LlmConfig>): Readonly<LlmConfig> {
  return {
    ...settings,
    maxTokens: 0,
    temperature: undefined,
    topP: undefined,
    streaming: false,
    responseValidator: undefined,
    // Asking twice does no harm: nothing is made that could be there twice.
    idempotencyKey: false,
  };
}

/** The texts as messages, so that what estimates a call's tokens estimates these. */
export function messagesOfTexts(texts: readonly string[]): readonly Message[] {
  return texts.map((text) => userMessage(text));
}

function textIssues(texts: readonly string[]): readonly ConfigIssue[] {
  const setBy = 'the call';
  if (!Array.isArray(texts) || texts.length === 0) {
    const received = Array.isArray(texts) ? 'none' : printKind(texts);
    return [{ path: 'texts', expected: 'a list of at least one text', received, setBy }];
  }
  return texts.flatMap((text: unknown, i) =>
    typeof text === 'string' && text !== ''
      ? []
      : [
          {
            path: `texts[${i}]`,
            expected: 'a text that is not empty',
            received: text === '' ? "''" : printKind(text),
            setBy,
          },
        ],
  );
}
