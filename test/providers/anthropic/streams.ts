/** Answers of Anthropic's as the streams they would have been. */
import type { WireBlock, WireMessage } from '../../../src/providers/anthropic/wire.js';

/** As the vendor frames it: each event named after its type. */
export function framed(events: readonly object[]): string {
  return events
    .map((event) => `event: ${(event as { type?: string }).type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('');
}

/** The events of a message, each text in pieces, with pings between. */
export function streamOf(message: WireMessage): object[] {
  const { content, stop_reason: stopReason, usage, ...head } = message;
  const first = { ...head, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  return [
    { type: 'message_start', message: first },
    { type: 'ping' },
    ...(content ?? []).flatMap((block, index) => blockEvents(block, index)),
    { type: 'message_delta', delta: { stop_reason: stopReason }, usage: { output_tokens: usage?.output_tokens } },
    { type: 'message_stop' },
  ];
}

function blockEvents(block: WireBlock, index: number): object[] {
  const [start, ...deltas] = partsOf(block);
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

/** The block as it begins, and what is added to it. */
function partsOf(block: WireBlock): object[] {
  switch (block.type) {
    case 'text': {
      const { text, citations, ...rest } = block;
      const start = { ...rest, text: '', ...(Array.isArray(citations) ? { citations: [] } : { citations }) };
      const cited = (citations ?? []).map((citation) => ({ type: 'citations_delta', citation }));
      const pieces = piecesOf(text ?? '').map((piece) => ({ type: 'text_delta', text: piece }));
      return [JSON.parse(JSON.stringify(start)) as object, ...cited, ...pieces];
    }
    case 'thinking': {
      const pieces = piecesOf(block.thinking ?? '').map((thinking) => ({ type: 'thinking_delta', thinking }));
      const signature = { type: 'signature_delta', signature: block.signature };
      return [{ ...block, thinking: '', signature: '' }, ...pieces, signature];
    }
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use': {
      const pieces = piecesOf(JSON.stringify(block.input));
      const deltas = ['', ...pieces].map((piece) => ({ type: 'input_json_delta', partial_json: piece }));
      return [{ ...block, input: {} }, ...deltas];
    }
    case 'compaction': {
      const { content } = block as { readonly content?: unknown };
      return [
        { ...block, content: null },
        { type: 'compaction_delta', content },
      ];
    }
    default:
      return [block];
  }
}

function piecesOf(text: string): string[] {
  return text.match(/.{1,7}/gsu) ?? [];
}
