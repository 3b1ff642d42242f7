/** The rivals, as their own documentation tells to make and to call them. */
import { loadPackage } from '../../lib/load-package.mjs';
import { API_KEY, bodyOf, MAX_TOKENS, MODELS, RETRIES, TEMPERATURE } from './requests.mjs';

/** @typedef {import('./subjects.mjs').Upstream} Upstream */
/** @typedef {import('./subjects.mjs').Caller} Caller */

/** @param {Upstream} upstream @returns {Promise<Caller>} */
export async function createOpenAISdk({ endpoint, format }) {
  const { OpenAI } = await loadPackage('openai');
  const { chat } = new OpenAI({ apiKey: API_KEY, baseURL: `${endpoint}/v1`, maxRetries: RETRIES });
  return {
    async ask(question, signal) {
      const { choices, usage } = await chat.completions.create(bodyOf(format, question), { signal });
      return {
        text: choices[0].message.content,
        inputTokens: usage.prompt_tokens,
        outputTokens: usage.completion_tokens,
      };
    },
    async stream(question, signal) {
      const fields = { ...bodyOf(format, question), stream: true, stream_options: { include_usage: true } };
      const answer = { text: '', inputTokens: 0, outputTokens: 0 };
      for await (const { choices, usage } of await chat.completions.create(fields, { signal })) {
        answer.text += choices[0]?.delta.content ?? '';
        if (!usage) continue;
        answer.inputTokens = usage.prompt_tokens;
        answer.outputTokens = usage.completion_tokens;
      }
      return answer;
    },
  };
}

/** @param {Upstream} upstream @returns {Promise<Caller>} */
export async function createAiSdk({ endpoint, format }) {
  const [{ generateText, streamText }, { createOpenAI }] = await Promise.all([
    loadPackage('ai'),
    loadPackage('@ai-sdk/openai'),
  ]);
  const model = createOpenAI({ apiKey: API_KEY, baseURL: `${endpoint}/v1` }).chat(MODELS[format]);
  const settings = { model, maxOutputTokens: MAX_TOKENS, temperature: TEMPERATURE, maxRetries: RETRIES };
  return {
    async ask(question, abortSignal) {
      const { text, usage } = await generateText({ ...settings, prompt: question, abortSignal });
      return { text, inputTokens: usage.inputTokens, outputTokens: usage.outputTokens };
    },
    async stream(question, abortSignal) {
      const result = streamText({ ...settings, prompt: question, abortSignal });
      let text = '';
      for await (const delta of result.textStream) text += delta;
      const { inputTokens, outputTokens } = await result.usage;
      return { text, inputTokens, outputTokens };
    },
  };
}

/** @param {Upstream} upstream @returns {Promise<Caller>} */
export async function createLangchain({ endpoint, format }) {
  const { ChatOpenAI } = await loadPackage('@langchain/openai');
  const model = new ChatOpenAI({
    model: MODELS[format],
    apiKey: API_KEY,
    configuration: { baseURL: `${endpoint}/v1` },
    maxTokens: MAX_TOKENS,
    temperature: TEMPERATURE,
    maxRetries: RETRIES,
  });
  return {
    async ask(question, signal) {
      const { text, usage_metadata: usage } = await model.invoke(question, { signal });
      return { text, inputTokens: usage.input_tokens, outputTokens: usage.output_tokens };
    },
    async stream(question, signal) {
      const answer = { text: '', inputTokens: 0, outputTokens: 0 };
      for await (const { text, usage_metadata: usage } of await model.stream(question, { signal })) {
        answer.text += text;
        if (usage === undefined) continue;
        answer.inputTokens = usage.input_tokens;
        answer.outputTokens = usage.output_tokens;
      }
      return answer;
    },
  };
}

/** @param {Upstream} upstream @returns {Promise<Caller>} */
export async function createAnthropicSdk({ endpoint, format }) {
  const { Anthropic } = await loadPackage('@anthropic-ai/sdk');
  const { messages } = new Anthropic({ apiKey: API_KEY, baseURL: endpoint, maxRetries: RETRIES });
  return {
    async ask(question, signal) {
      const { content, usage } = await messages.create(bodyOf(format, question), { signal });
      return { text: content[0].text, inputTokens: usage.input_tokens, outputTokens: usage.output_tokens };
    },
    async stream(question, signal) {
      const answer = { text: '', inputTokens: 0, outputTokens: 0 };
      for await (const event of await messages.create({ ...bodyOf(format, question), stream: true }, { signal })) {
        if (event.type === 'content_block_delta') answer.text += event.delta.text;
        else if (event.type === 'message_delta') {
          answer.inputTokens = event.usage.input_tokens;
          answer.outputTokens = event.usage.output_tokens;
        }
      }
      return answer;
    },
  };
}
