/** Our own client, only through its public entry; SHERD_DIST and SHERD_BASE as for the cache. */
import { loadEntry } from '../../lib/subjects/sherd.mjs';
import { API_KEY, MAX_TOKENS, MODELS, RETRIES, TEMPERATURE } from './requests.mjs';

/** What a base URL holds before the paths of its format. */
const BASE_PATHS = { openai: '/v1', anthropic: '' };

/**
 * @param {import('./subjects.mjs').Upstream} upstream
 * @param {{ isBase?: boolean, isCached?: boolean }} variant
 */
export async function createSherdClient({ endpoint, format }, { isBase = false, isCached = false }) {
  const sherd = await loadEntry('llm', isBase);
  return sherd.createClient(
    sherd.withProvider(format),
    sherd.withBaseURL(`${endpoint}${BASE_PATHS[format]}`),
    sherd.withAPIKey(API_KEY),
    sherd.withModel(MODELS[format]),
    sherd.withMaxTokens(MAX_TOKENS),
    sherd.withTemperature(TEMPERATURE),
    sherd.withRetryCount(RETRIES),
    sherd.withCircuitBreaker(),
    ...(isCached ? [sherd.withCache(true, '1h')] : []),
  );
}

/**
 * @param {import('./subjects.mjs').Upstream} upstream
 * @param {{ isBase?: boolean, isCached?: boolean }} variant
 * @returns {Promise<import('./subjects.mjs').Caller>}
 */
export async function createSherd(upstream, variant) {
  const { userMessage } = await loadEntry('llm', variant.isBase);
  const client = await createSherdClient(upstream, variant);
  return {
    async ask(question, signal) {
      const { text, usage } = await client.chat([userMessage(question)], signal && { signal });
      return { text, inputTokens: usage.inputTokens, outputTokens: usage.outputTokens };
    },
    async stream(question, signal) {
      const answer = { text: '', inputTokens: 0, outputTokens: 0 };
      for await (const chunk of client.stream([userMessage(question)], signal && { signal })) {
        if (chunk.kind === 'text-delta') answer.text += chunk.text;
        else if (chunk.kind === 'usage') {
          answer.inputTokens = chunk.usage.inputTokens;
          answer.outputTokens = chunk.usage.outputTokens;
        }
      }
      return answer;
    },
  };
}
