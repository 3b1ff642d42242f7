/** The part of the provider suite that is about what is asked: tools, the choice among them, the schema of the answer. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { isConfigError } from '../core/errors.js';
import type { ChatRequest, ToolChoice } from '../protocol/chat.js';
import type { ProviderSetup, ProviderSubject } from './provider-subject.js';
import { collect } from './provider-suite-calls.js';

type DefineTest = (name: string, run: (setup: ProviderSetup) => Promise<void>) => void;

/** What becomes of a request: it is said in a body, with what was left out of it, or refused before anything is sent. */
type Said = { readonly body: Record<string, unknown>; readonly warnings: number } | 'refused';

export function defineRequestTests({ request }: ProviderSubject, test: DefineTest): void {
  async function say({ provider, apiKey, upstreamCalls }: ProviderSetup, changes: Partial<ChatRequest>): Promise<Said> {
    const asked = { ...request, ...changes };
    const before = upstreamCalls?.();
    const call = { request: asked, stream: true, signal: new AbortController().signal, apiKey };
    try {
      const chunks = await collect(provider.chat(call));
      return { body: provider.body(asked), warnings: chunks.filter(({ kind }) => kind === 'warning').length };
    } catch (error) {
      assert.ok(isConfigError(error), String(error));
      assert.equal(upstreamCalls?.(), before, 'what is refused is not sent');
      assert.throws(() => provider.body(asked), isConfigError);
      return 'refused';
    }
  }

  test('what body() says is what the upstream gets', async (setup) => {
    await say(setup, { maxTokens: 64, tools: TOOLS });
    const sent = setup.upstreamBodies?.().at(-1);
    if (sent === undefined) return;
    const received = JSON.parse(sent) as Record<string, unknown>;
    for (const [field, value] of Object.entries(setup.provider.body({ ...request, maxTokens: 64, tools: TOOLS })))
      assert.deepEqual(received[field], value, field);
  });

  test('tools are declared with all that is said of them', async (setup) => {
    const said = await say(setup, { tools: TOOLS });
    assert.ok(said !== 'refused' && said.warnings === 0);
    for (const { name, description, parameters } of TOOLS) {
      assert.ok(holds(said.body, name) && holds(said.body, description));
      assert.ok(holds(said.body, parameters), 'the schema stands in the body as it was given');
    }
  });

  test('each choice among tools is said in its own way, or refused, or left out with a warning', async (setup) => {
    const choices: readonly (ToolChoice | undefined)[] = [undefined, 'none', 'required', { name: 'get_time' }];
    const bodies: object[] = [];
    for (const toolChoice of choices) {
      const said = await say(setup, { tools: TOOLS, ...(toolChoice === undefined ? {} : { toolChoice }) });
      if (said !== 'refused' && said.warnings === 0) bodies.push(said.body);
    }
    for (const [i, body] of bodies.entries())
      assert.equal(
        bodies.slice(0, i).some((other) => isDeepStrictEqual(body, other)),
        false,
        'two choices are one',
      );
    const auto = await say(setup, { tools: TOOLS, toolChoice: 'auto' });
    assert.notEqual(auto, 'refused');
  });

  test('the schema of an answer is said, or refused, or left out with a warning', async (setup) => {
    const said = await say(setup, { responseFormat: { kind: 'json-schema', name: 'bridge', schema: SCHEMA } });
    if (said !== 'refused' && said.warnings === 0) assert.ok(holds(said.body, 'year_of_building'));
  });

  test('sampling, limits and stops are said, or refused, or left out with a warning', async (setup) => {
    const settings: readonly Partial<ChatRequest>[] = [
      { maxTokens: 77 },
      { temperature: 0.25 },
      { topP: 0.75 },
      { seed: 4711 },
      { stop: ['<the end>'] },
      { reasoning: { effort: 'high' } },
      { user: 'user-1' },
      { metadata: { from: 'suite' } },
    ];
    const { provider } = setup;
    for (const setting of settings) {
      const said = await say(setup, setting);
      if (said === 'refused' || said.warnings > 0) continue;
      assert.notDeepEqual(said.body, provider.body(request), `${Object.keys(setting).join()} is neither said nor told`);
    }
  });
}

/** Declared in the requests of the suite. */
export const TOOLS: NonNullable<ChatRequest['tools']> = ['get_weather', 'get_time'].map((name) => ({
  name,
  description: `tells about a city: ${name}`,
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'array', items: { type: 'integer' } } },
    required: ['city'],
  },
}));
const SCHEMA = {
  type: 'object',
  properties: { year_of_building: { type: 'integer' } },
  required: ['year_of_building'],
  additionalProperties: false,
};

/** Whether the value stands somewhere in the body: as a value, or as the name of a field. */
function holds(body: unknown, wanted: unknown): boolean {
  if (isDeepStrictEqual(body, wanted)) return true;
  if (typeof body !== 'object' || body === null) return false;
  return Object.entries(body).some(([name, value]) => name === wanted || holds(value, wanted));
}
