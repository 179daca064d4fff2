import { schemaOf } from './answer-shapes.js';
import { FEATURE_RULES, FEATURES } from './features.js';
import { roomFor, SYSTEM } from './prompts.js';
import { estimateTokens } from './tokens.js';

it.each(FEATURES)('leaves room in the prompt of %s for its instructions and for the form of its answer', (feature) => {
  const around = [SYSTEM[feature], JSON.stringify(schemaOf(feature))].join('\n');
  expect(estimateTokens(around) + roomFor(feature)).toBeLessThanOrEqual(FEATURE_RULES[feature].maxInputTokens);
});
