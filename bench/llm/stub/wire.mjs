/**
 * What the stub answers, in the words of both formats: one text, whole, and as a stream of as many chunks as it has words.
 * Fields and headers are those that the vendors send, since whoever parses answers parses these.
 */

/** @typedef {'openai' | 'anthropic'} Format */

/**
 * @typedef {object} Wire HTTP/1.1 responses, ready to be written
 * @property {Buffer} whole
 * @property {Buffer} streamHead
 * @property {readonly Buffer[]} events each in a transfer chunk of its own; the last one also ends the body
 * @property {number} streamBytes of the body once its transfer chunks are undone
 */

const TEXT = `A cache is worth its memory when the same question comes again before its answer has gone. Two numbers decide \
whether that happens: how many different questions there are, and how unevenly they are asked. Where a few of them make up \
most of the traffic, even a small cache serves most callers — where all are asked alike, only one that holds nearly all of \
them does. So measure first: log the questions of a day, count how often each returns, and see how long it takes to return. \
The time to live follows from the second figure, the capacity from the first.`;

const DELTAS = /** @type {string[]} */ (TEXT.match(/\s*\S+/g));
const INPUT_TOKENS = 214;

/** Chunks of text in a streamed answer. */
export const CHUNKS = DELTAS.length;

/** What every subject has to have understood. */
export const EXPECTED = { text: TEXT, inputTokens: INPUT_TOKENS, outputTokens: CHUNKS };

const COMMON_HEADERS = [
  'date: Sun, 22 Nov 2026 09:00:00 GMT',
  'connection: keep-alive',
  'strict-transport-security: max-age=31536000; includeSubDomains; preload',
  'x-content-type-options: nosniff',
  'cf-cache-status: DYNAMIC',
  'server: cloudflare',
  'cf-ray: 9a2b6c1d8e7f0123-FRA',
];

/** @type {Record<Format, Wire>} */
export const WIRES = {
  openai: wireOf({
    headers: [
      'access-control-expose-headers: X-Request-ID',
      'openai-organization: example',
      'openai-processing-ms: 412',
      'openai-version: 2020-10-01',
      'x-ratelimit-limit-requests: 10000',
      'x-ratelimit-limit-tokens: 2000000',
      'x-ratelimit-remaining-requests: 9999',
      'x-ratelimit-remaining-tokens: 1999700',
      'x-ratelimit-reset-requests: 6ms',
      'x-ratelimit-reset-tokens: 8ms',
      'x-request-id: req_5d0c6c2fb1e34a6f9d1b7a80c2e4f613',
    ],
    answer: openAIAnswer(),
    events: [...openAIChunks().map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n'],
  }),
  anthropic: wireOf({
    headers: [
      'anthropic-organization-id: 0b7c9d1e-4f52-4a63-8e74-95a6b7c8d9e0',
      'anthropic-ratelimit-requests-limit: 4000',
      'anthropic-ratelimit-requests-remaining: 3999',
      'anthropic-ratelimit-requests-reset: 2026-11-22T09:00:00Z',
      'anthropic-ratelimit-tokens-limit: 480000',
      'anthropic-ratelimit-tokens-remaining: 479700',
      'anthropic-ratelimit-tokens-reset: 2026-11-22T09:00:00Z',
      'request-id: req_011CVp3mQ7xKcD2rTz5bWn8s',
    ],
    answer: anthropicAnswer(TEXT, 'end_turn', CHUNKS),
    events: anthropicEvents().map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
  }),
};

/** @param {{ headers: readonly string[], answer: object, events: readonly string[] }} parts */
function wireOf({ headers, answer, events }) {
  const headOf = (/** @type {readonly string[]} */ own) =>
    `HTTP/1.1 200 OK\r\n${[...COMMON_HEADERS, ...headers, ...own].join('\r\n')}\r\n\r\n`;
  const body = Buffer.from(JSON.stringify(answer));
  const wholeHead = headOf(['content-type: application/json', `content-length: ${body.length}`]);
  const last = events.length - 1;
  return {
    whole: Buffer.concat([Buffer.from(wholeHead), body]),
    streamHead: Buffer.from(headOf(['content-type: text/event-stream; charset=utf-8', 'transfer-encoding: chunked'])),
    events: events.map((event, index) => Buffer.from(transferChunk(event) + (index === last ? '0\r\n\r\n' : ''))),
    streamBytes: events.reduce((sum, event) => sum + Buffer.byteLength(event), 0),
  };
}

/** @param {string} data */
function transferChunk(data) {
  return `${Buffer.byteLength(data).toString(16)}\r\n${data}\r\n`;
}

function openAIAnswer() {
  const message = { role: 'assistant', content: TEXT, refusal: null, annotations: [] };
  return {
    id: 'chatcmpl-D8Z5f52zQq1ikDBEKQ7oYcWMcXa2P',
    object: 'chat.completion',
    created: 1795338000,
    model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
    usage: openAIUsage(),
    service_tier: 'default',
    system_fingerprint: 'fp_a1b2c3d4e5',
  };
}

function openAIChunks() {
  const head = {
    id: 'chatcmpl-D8Z5oo6uD47AD85p73kedT1KxhE0b',
    object: 'chat.completion.chunk',
    created: 1795338000,
    model: 'gpt-4o-2024-08-06',
    service_tier: 'default',
    system_fingerprint: 'fp_a1b2c3d4e5',
  };
  const chunk = (/** @type {object} */ delta, /** @type {string | null} */ finish, /** @type {number} */ index) => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    usage: null,
    obfuscation: 'x7Qp1BsQ3kLm'.slice(index % 10),
  });
  return [
    chunk({ role: 'assistant', content: '', refusal: null }, null, 0),
    ...DELTAS.map((content, index) => chunk({ content }, null, index)),
    chunk({}, 'stop', 0),
    { ...head, choices: [], usage: openAIUsage(), obfuscation: 'x7Qp1' },
  ];
}

function openAIUsage() {
  return {
    prompt_tokens: INPUT_TOKENS,
    completion_tokens: CHUNKS,
    total_tokens: INPUT_TOKENS + CHUNKS,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/**
 * @param {string | undefined} text undefined: none yet
 * @param {string | null} stopReason
 * @param {number} outputTokens
 */
function anthropicAnswer(text, stopReason, outputTokens) {
  return {
    model: 'claude-haiku-4-5-20251001',
    id: 'msg_01QC4g3HwBThD4BaNtBckFDJ',
    type: 'message',
    role: 'assistant',
    content: text === undefined ? [] : [{ type: 'text', text }],
    stop_reason: stopReason,
    stop_sequence: null,
    usage: {
      input_tokens: INPUT_TOKENS,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: outputTokens,
      service_tier: 'standard',
    },
  };
}

function anthropicEvents() {
  const usage = {
    input_tokens: INPUT_TOKENS,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: CHUNKS,
  };
  return [
    { type: 'message_start', message: anthropicAnswer(undefined, null, 1) },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    ...DELTAS.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
    { type: 'message_stop' },
  ];
}
