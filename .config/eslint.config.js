import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

// The folders that `npm run check:lint` names are relative to the project's root, which is also the
// base path of this configuration: ESLint takes the working directory for one that is passed by --config.
export default defineConfig(
  { ignores: ['dist/', 'test/bench/dist/', 'coverage/', 'src/api/*.gen.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: new URL('..', import.meta.url).pathname },
    },
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      // A missing case must fail where a kind is added, not fall through to nothing.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      // Numbers and booleans print as expected; objects, null and promises do not.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      complexity: ['error', 15],
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-param-reassign': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    // These compute: the same input gives the same output, at any time, on any machine.
    files: ['src/{policy,schema,manifest,api,net}/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'fetch', 'performance', 'setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
          name,
          message: 'this layer is pure: let the caller pass in what it gives.',
        })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'this layer is pure: take the time as an argument.' },
        {
          object: 'Math',
          property: 'random',
          message: 'this layer is pure: take the number as an argument.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Matchers such as expect.any(String) are typed as any, to stand in the place of any value.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      // A generator of random worlds is one choice after another.
      complexity: ['error', 30],
      // A table of cases is data, and reads best in one piece.
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
    },
  },
)
