/** `sherd explain`: every option of the cache and the client, its value here and now, and who set it. */
import colours from 'picocolors';
import { withProfileFromEnv as cacheProfileFromEnv } from '../cache/behaviour-options.js';
import { cacheScope } from '../cache/scope.js';
import { createTerminal, type Terminal } from '../demo/terminal.js';
import { formatTable } from '../demo/text-table.js';
import { type ProviderName, providerNames } from '../llm/provider-names.js';
import { withProfileFromEnv as llmProfileFromEnv } from '../llm/request-options.js';
import { llmScope } from '../llm/scope.js';
import type { Explained } from '../options/explain.js';
import type { OptionScope } from '../options/field.js';
import { fieldOf } from '../options/layers.js';
import { type Option, option, printValue } from '../options/option.js';
import { resolve } from '../options/resolve.js';
import { type Flags, readFlags } from './flags.js';
import { EXIT_OK, type Io } from './io.js';

interface Row {
  readonly scope: string;
  readonly options: readonly string[];
  readonly setting: string;
  readonly value: unknown;
  readonly setBy: string;
  readonly meaning: string;
}

/** Reads SHERD_CACHE_PROFILE and SHERD_LLM_PROFILE. Throws a ConfigError for a profile that cannot be. */
export async function runExplainCommand(given: Flags, io: Io): Promise<number> {
  const flags = readFlags('explain', given);
  const provider = flags.word('provider', providerNames);
  const isJson = flags.isSet('json');
  flags.finish();
  const cache = resolve(cacheScope, [cacheProfileFromEnv(io.env)]);
  const llm = resolve(llmScope, [providerOption(provider), llmProfileFromEnv(io.env)]);
  const rows = [...rowsOf(cacheScope, cache.explain()), ...rowsOf(llmScope, llm.explain())];
  const terminal = createTerminal(io.stdout);
  if (isJson) terminal.print(JSON.stringify(rows, undefined, 2));
  else for (const scope of [cacheScope, llmScope]) printRows(scope.name, rows, terminal);
  return EXIT_OK;
}

/** The embedded provider needs no key, so that the options can be shown without one. */
function providerOption(given: ProviderName | undefined): Option<'llm', { provider: ProviderName }> {
  return given === undefined
    ? option('llm', 'sherd explain', { provider: 'local' })
    : option('llm', '--provider', { provider: given });
}

function rowsOf<C extends object>(scope: OptionScope<string, C>, explained: readonly Explained[]): readonly Row[] {
  return explained.map(({ key, value, setBy }) => {
    const field = fieldOf(scope, key);
    return { scope: scope.name, options: field?.options ?? [], setting: key, value, setBy, meaning: field?.doc ?? '' };
  });
}

function printRows(scope: string, rows: readonly Row[], terminal: Terminal): void {
  const own = rows.filter((row) => row.scope === scope);
  const cells = own.map(({ options, value, setBy, meaning }) => [
    options[0] ?? '',
    value === undefined ? 'none' : printValue(value),
    setBy,
    meaning,
  ]);
  const columns = ['option', 'value', 'set by', 'meaning'];
  terminal.print(colours.bold(scope));
  terminal.print(`${formatTable({ columns, rows: cells, width: terminal.columns, head: colours.dim })}\n`);
}
