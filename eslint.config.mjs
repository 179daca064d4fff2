import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const readsEnvironment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Only src/config reads the environment.',
};
const thisInUnitOfWork = {
  selector:
    "CallExpression[callee.property.name='run'][callee.object.property.name='unitOfWork'] > :function ThisExpression",
  message: 'In a unit of work use the manager that it gives, and nothing that writes or reads beside it.',
};
const llmLibraries = ['ai', '@ai-sdk/*', '@anthropic-ai/*', 'openai'];

export default defineConfig(
  { ignores: ['dist/', 'content/', 'data/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-restricted-syntax': ['error', readsEnvironment, thisInUnitOfWork],
      'no-restricted-imports': ['error', { patterns: llmLibraries }],
    },
  },
  { files: ['src/config/**'], rules: { 'no-restricted-syntax': ['error', thisInUnitOfWork] } },
  { files: ['src/hybrid/**'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['test/**', 'bench/**', 'demo/**', 'drill/**'], rules: { 'no-restricted-syntax': 'off' } },
);
