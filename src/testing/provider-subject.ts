/** What a provider's own test gives to the contract suite: the provider, before an upstream that does what it is told. Types only. */
import type { ChatRequest } from '../protocol/chat.js';
import type { EmbedRequest } from '../protocol/embedding.js';
import type { Provider } from '../providers/provider.js';
import type { ProviderScene, ScenePart } from './provider-scene.js';

export interface ProviderSubject {
  readonly name: string;
  /** A question whose answer has several words and ends with the finish reason 'stop'. */
  readonly request: ChatRequest;
  /** Two different texts or more. Left out where the provider has no embeddings. */
  readonly embedding?: EmbedRequest;
  /** What its upstream can play; tests of the rest are not defined. Default: nothing, so that no scene is ever asked for. */
  readonly plays?: readonly ScenePart[];
  /** A fresh provider for each test, before an upstream that answers the question, or plays the scene to every call. */
  setup(scene?: ProviderScene): Promise<ProviderSetup>;
}

export interface ProviderSetup {
  readonly provider: Provider;
  readonly apiKey?: string;
  /** Calls that reached the upstream so far. Left out where nothing can count them. */
  readonly upstreamCalls?: () => number;
  /** The bodies that reached the upstream so far, as texts. Left out where nothing can tell. */
  readonly upstreamBodies?: () => readonly string[];
  /** Resolves once the upstream has noticed that the client left a call. Left out where there is no upstream. */
  readonly upstreamSawAbort?: () => Promise<void>;
  /** Ends what setup began. close() of the provider is called by the suite. */
  dispose?(): Promise<void>;
}
