/** The client profiles that ship with the package, inlined at build. Data only. */
import analysis from '../../profiles/llm/analysis.json' with { type: 'json' };
import chat from '../../profiles/llm/chat.json' with { type: 'json' };
import codegen from '../../profiles/llm/codegen.json' with { type: 'json' };
import costOptimized from '../../profiles/llm/cost-optimized.json' with { type: 'json' };
import creativeWriting from '../../profiles/llm/creative-writing.json' with { type: 'json' };
import deepseek from '../../profiles/llm/deepseek.json' with { type: 'json' };
import development from '../../profiles/llm/development.json' with { type: 'json' };
import docs from '../../profiles/llm/docs.json' with { type: 'json' };
import fast from '../../profiles/llm/fast.json' with { type: 'json' };
import highQuality from '../../profiles/llm/high-quality.json' with { type: 'json' };
import huggingface from '../../profiles/llm/huggingface.json' with { type: 'json' };
import kimi from '../../profiles/llm/kimi.json' with { type: 'json' };
import lowCost from '../../profiles/llm/low-cost.json' with { type: 'json' };
import openai from '../../profiles/llm/openai.json' with { type: 'json' };
import production from '../../profiles/llm/production.json' with { type: 'json' };
import realtimeAnalysis from '../../profiles/llm/realtime-analysis.json' with { type: 'json' };
import summarization from '../../profiles/llm/summarization.json' with { type: 'json' };
import translation from '../../profiles/llm/translation.json' with { type: 'json' };
import { type ProfileTable, profileTable } from '../options/profile.js';

/** Named after an aim. */
export const presetProfiles: ProfileTable = profileTable([development, production, lowCost, highQuality, fast]);
/** Named after a job. */
export const useCaseProfiles: ProfileTable = profileTable([
  chat,
  codegen,
  docs,
  translation,
  summarization,
  analysis,
  creativeWriting,
  realtimeAnalysis,
  costOptimized,
]);
/** Named after a provider. */
export const providerProfiles: ProfileTable = profileTable([openai, deepseek, kimi, huggingface]);
/** All of them. */
export const llmProfiles: ProfileTable = new Map([...presetProfiles, ...useCaseProfiles, ...providerProfiles]);
