/** Entry `sherd`: the factories, what they share, and both option families as namespaces. */
import * as cache from './cache/index.js';
import * as llm from './llm/index.js';

export { createShardedCache } from './cache/create-sharded-cache.js';
export {
  BudgetError,
  CacheError,
  CircuitOpenError,
  ClosedError,
  ConfigError,
  DeadlineError,
  isBudgetError,
  isCacheError,
  isCircuitOpenError,
  isClosedError,
  isConfigError,
  isDeadlineError,
  isProviderError,
  isQueueFullError,
  isRateLimitError,
  isSherdError,
  isStreamTruncatedError,
  ProviderError,
  QueueFullError,
  RateLimitError,
  SherdError,
  StreamTruncatedError,
} from './core/errors.js';
export { createClient } from './llm/create-client.js';
export { formatExplanation } from './options/explain.js';
export { compose } from './options/option.js';
export { assistantMessage, systemMessage, toolMessage, userMessage } from './protocol/chat.js';
export { cache, llm };
