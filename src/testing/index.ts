/** Entry `sherd/testing`: clocks, providers and networks that do what a test says, and the suites that every implementation passes. */
export type { Policy, PolicyName } from '../engine/policy.js';
export type { RemovalListener, RemovalReason, Store, StoreCounters, StoreLimits } from '../engine/store.js';
export { createLocalProvider } from '../providers/local/provider.js';
export type { Provider, ProviderCall } from '../providers/provider.js';
export type { ByteEdit, ByteFaults, CutKind } from './byte-faults.js';
export type { Cassette, CassetteExchange, CassettePiece, CassetteRequest, CassetteResponse } from './cassette.js';
export type { RecordOptions } from './cassette-tape.js';
export type { FakeClock, FakeClockOptions } from './fake-clock.js';
export { createFakeClock } from './fake-clock.js';
export type {
  ConnectionFaults,
  DirectionFaults,
  FaultProxy,
  FaultProxyOptions,
  FaultProxyStats,
  FaultScript,
} from './fault-proxy.js';
export { createFaultProxy } from './fault-proxy.js';
export type { Latency } from './latency.js';
export type { LocalServer, LocalServerOptions, LocalServerStats, Outage } from './local-server.js';
export { createLocalServer } from './local-server.js';
export type { PolicySubject, PolicySuiteOptions, SuiteRunner } from './policy-suite.js';
export { definePolicySuite } from './policy-suite.js';
export type { ProviderScene, SceneAnswer, ScenePart } from './provider-scene.js';
export type { ProviderSetup, ProviderSubject } from './provider-subject.js';
export { defineProviderSuite } from './provider-suite.js';
export type { CassetteRecorder, RecordingProvider } from './record-cassette.js';
export { recordCassette } from './record-cassette.js';
export type { CassettePlayer, ReplayOptions } from './replay-cassette.js';
export { replayCassette } from './replay-cassette.js';
export type { ScriptedAnswer, ScriptedFault } from './scripted-answer.js';
export type {
  AnswerScript,
  ScriptedCall,
  ScriptedEvent,
  ScriptedProvider,
  ScriptedProviderOptions,
  ScriptedStats,
  ScriptRule,
} from './scripted-provider.js';
export { createScriptedProvider } from './scripted-provider.js';
export type { Script, ScriptedReply, ScriptedRequest, ScriptedServer } from './scripted-server.js';
export { createScriptedServer } from './scripted-server.js';
export type { SimulationOptions } from './simulate.js';
export { simulate } from './simulate.js';
export type { SeedsOptions, SeedsResult } from './simulate-seeds.js';
export { simulateSeeds } from './simulate-seeds.js';
export type {
  Oracle,
  OracleWatch,
  SimulatedAttempt,
  SimulatedCall,
  SimulatedClient,
  SimulatedFault,
  SimulationEvent,
  SimulationLimits,
  SimulationParts,
  SimulationResult,
  SimulationScenario,
  SimulationView,
  Violation,
} from './simulation.js';
export { simulationOracles } from './simulation-oracles.js';
export type { Simulator, SimulatorOptions } from './simulator.js';
export { createSimulator } from './simulator.js';
export type { StoreSettings, StoreSubject, StoreSuiteOptions } from './store-suite.js';
export { defineStoreSuite } from './store-suite.js';
