/**
 * The layers of src/, as folders and what each may import besides itself. Imports go one way, so
 * that everything left of the arrow can be tested without what is right of another arrow.
 */
const layers = {
  cli: [
    'lab',
    'agent',
    'kube',
    'controller',
    'source',
    'store',
    'firewall',
    'policy',
    'schema',
    'manifest',
    'api',
    'net',
    'core',
  ],
  lab: ['store', 'firewall', 'storage', 'policy', 'api', 'net', 'core'],
  controller: ['kube', 'source', 'store', 'firewall', 'policy', 'schema', 'manifest', 'api', 'net', 'core'],
  agent: ['kube', 'controller', 'source', 'store', 'firewall', 'policy', 'api', 'net', 'core'],
  kube: ['source', 'store', 'policy', 'schema', 'manifest', 'api', 'net', 'core'],
  source: ['manifest', 'api', 'net', 'core'],
  store: ['storage', 'manifest', 'policy', 'api', 'net', 'core'],
  firewall: ['storage', 'manifest', 'policy', 'api', 'net', 'core'],
  storage: ['core'],
  policy: ['api', 'net', 'core'],
  schema: ['api', 'net', 'core'],
  manifest: ['api', 'net', 'core'],
  api: ['core'],
  net: ['core'],
  core: [],
}

const pureLayers = '^src/(policy|schema|manifest|api|net|core)/'

/** Modules of Node that compute and neither read the world nor change it. */
const pureNodeModules = '^(node:)?(buffer|crypto|path|path/posix|url|util)$'

/** Who alone may import a package: its idea must not spread through the code. */
const packageOwners = [
  { owner: 'cli', folders: ['cli'], packages: ['commander', 'pino', 'pino-pretty', 'picocolors'] },
  { owner: 'schema', folders: ['schema'], packages: ['ajv', '@marcbachmann/cel-js'] },
  {
    owner: 'kube',
    folders: ['kube'],
    packages: ['@kubernetes/client-node', 'undici', '@peculiar/x509', 'reflect-metadata'],
  },
  { owner: 'yaml', folders: ['manifest', 'schema'], packages: ['yaml', 'js-yaml'] },
]

/** Matches a package whether or not it is installed where the code is. */
const packagePath = (names) => `(^|node_modules/)(${names.join('|')})(/|$)`

module.exports = {
  forbidden: [
    ...Object.entries(layers).map(([layer, allowed]) => ({
      name: `layer-${layer}`,
      comment: `src/${layer} imports only ${allowed.join(', ') || 'nothing of ours'}`,
      severity: 'error',
      from: { path: `^src/${layer}/` },
      to: { path: '^src/', pathNot: `^src/(${[layer, ...allowed].join('|')})/` },
    })),
    {
      name: 'main-is-thin',
      comment: 'src/main.ts hands argv to src/cli and does nothing else',
      severity: 'error',
      from: { path: '^src/main\\.ts$' },
      to: { path: '^src/', pathNot: '^src/cli/' },
    },
    {
      name: 'model-by-type-only',
      comment:
        'src/store and src/firewall know the shapes of src/policy and how a ruleset changes, and never call the model',
      severity: 'error',
      from: { path: '^src/(store|firewall)/' },
      to: {
        path: '^src/policy/',
        pathNot: '^src/policy/ruleset-change\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'worlds-by-type-only',
      comment:
        'src/kube knows the interfaces of src/source and src/store, and none of what they do with files',
      severity: 'error',
      from: { path: '^src/kube/' },
      to: {
        path: '^src/(source|store)/',
        pathNot: '^src/store/store\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'pure-core',
      comment: 'the layers right of source and storage compute and do no I/O',
      severity: 'error',
      from: { path: pureLayers, pathNot: '^src/(net/address|schema/crd)\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: pureNodeModules },
    },
    {
      name: 'pure-address',
      comment: 'src/net/address.ts takes isIP from node:net, which has the strict parser',
      severity: 'error',
      from: { path: '^src/net/address\\.ts$' },
      to: { dependencyTypes: ['core'], path: '.', pathNot: [pureNodeModules, '^(node:)?net$'] },
    },
    {
      name: 'pure-crd',
      comment: 'src/schema/crd.ts alone of its layer reads files: the CRDs that ship with palisade',
      severity: 'error',
      from: { path: '^src/schema/crd\\.ts$' },
      to: { dependencyTypes: ['core'], path: '.', pathNot: [pureNodeModules, '^(node:)?fs(/promises)?$'] },
    },
    ...packageOwners.map(({ owner, folders, packages }) => ({
      name: `packages-of-${owner}`,
      comment: `only src/${folders.join(' and src/')} import ${packages.join(', ')}`,
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${folders.join('|')})/` },
      to: { path: packagePath(packages) },
    })),
    {
      name: 'no-dev-packages',
      comment: 'a package that only developers install is missing where palisade runs',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Sees `import type` as well: a type is knowledge of another layer, too.
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
}
