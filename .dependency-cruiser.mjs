/**
 * The floors of the house as rules: an import goes to a strictly lower floor or stays in its own top-level folder of src.
 * Type-only imports, re-exports and dynamic imports count like any other. A new folder gets its floor here, or fails.
 */

/** Top-level folders of src, ground floor first. src/index.ts is the roof: it may import anything, nothing imports it. */
export const FLOORS = [
  ['core'],
  ['options', 'structures', 'codec', 'resilience', 'transport', 'protocol', 'telemetry'],
  ['engine', 'providers', 'profiles'],
  ['adaptive'],
  ['cache', 'tiers'],
  ['llm', 'tuning'],
  ['gateway', 'hub', 'testing'],
  ['demo'],
  ['cli'],
];

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const floorRules = FLOORS.flatMap((folders, floor) =>
  folders.map((folder) => ({
    name: `floor-${floor}-${folder}`,
    comment: `${folder} may import only from floors below ${floor} and from itself.`,
    severity: /** @type {const} */ ('error'),
    from: { path: `^src/${folder}/` },
    to: { path: `^src/(?:index\\.ts$|(?:${othersFrom(floor, folder).join('|')})/)` },
  })),
);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...floorRules,
    {
      name: 'no-unknown-folder',
      comment: 'Every top-level folder of src stands on a floor of the table above.',
      severity: 'error',
      from: { path: '^src/.+/', pathNot: `^src/(?:${FLOORS.flat().join('|')})/` },
      to: {},
    },
    {
      name: 'no-circle',
      comment: 'No file reaches itself, not even through types.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-entry-inside',
      comment: 'index.ts is the door of a package entry; inside, import the concrete file.',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: ['^src/index[.]ts$', '^src/[^/]+/index[.]ts$'] },
    },
    {
      name: 'no-options-in-engine',
      comment: 'The engine is mechanism: options are resolved above it.',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: '^src/options/' },
    },
    {
      name: 'no-outside',
      comment: 'src imports itself, the data under profiles/, its package.json, Node and the named packages.',
      severity: 'error',
      from: { path: '^src/' },
      to: { pathNot: '^(?:src|profiles)/|^package[.]json$|(?:^|/)node_modules/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'no-unlisted-package',
      comment: 'A package that is imported when the library runs is listed in dependencies.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-bundled', 'npm-peer'],
        // Text that is inlined at build, and an optional peer that is imported only by those who have it.
        pathNot: '(?:^|/)node_modules/(?:uplot/dist|zod)/',
      },
    },
    {
      name: 'not-unresolvable',
      comment: 'An import that finds nothing is a mistake.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    detectJSDocImports: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import', 'types'] },
  },
};

/** All folders on the floor itself and above, but not the folder that looks. */
function othersFrom(floor, folder) {
  return FLOORS.slice(floor)
    .flat()
    .filter((other) => other !== folder);
}
