/** The providers known by name: the vendors, and the one inside this process. */
import { type VendorName, vendors } from '../providers/vendors.js';

export type ProviderName = VendorName | 'local';
/** Providers with a preset of their own (profiles/llm). */
export type ProviderPreset = 'openai' | 'deepseek' | 'kimi' | 'huggingface';

export const providerNames: readonly ProviderName[] = Object.freeze([...vendors.keys(), 'local' as const]);
