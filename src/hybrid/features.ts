import type { LimitName } from '../limits/limits.js';

export const FEATURES = ['adaptive_learning', 'llm_assessment', 'synthesis', 'mentor_sessions'] as const;

export type FeatureName = (typeof FEATURES)[number];

export interface FeatureRule {
  /** How often a day. */
  quota: LimitName;
  /** Where its uses of a month are counted. */
  usage: 'adaptiveLearning' | 'llmAssessment' | 'synthesis' | 'mentorSessions';
  /** What a use is sold for, in US dollars; for the mentor a whole session. */
  price: number;
  /** How many tokens the prompt of one call may have at the most, the form of the answer included. */
  maxInputTokens: number;
  /** How many the answer may have. */
  maxOutputTokens: number;
}

/**
 * At $3 and $15 per million tokens no call can cost more than three quarters of its price, so that one that has to be
 * repaired stays below one and a half. A mentor's session may cost one and a half of its price in all, or six turns.
 */
export const FEATURE_RULES: Record<FeatureName, FeatureRule> = {
  adaptive_learning: {
    quota: 'QUOTA_ADAPTIVE_LEARNING',
    usage: 'adaptiveLearning',
    price: 0.018,
    maxInputTokens: 1800,
    maxOutputTokens: 500,
  },
  llm_assessment: {
    quota: 'QUOTA_LLM_ASSESSMENT',
    usage: 'llmAssessment',
    price: 0.014,
    maxInputTokens: 1600,
    maxOutputTokens: 350,
  },
  synthesis: {
    quota: 'QUOTA_SYNTHESIS',
    usage: 'synthesis',
    price: 0.027,
    maxInputTokens: 3000,
    maxOutputTokens: 700,
  },
  mentor_sessions: {
    quota: 'QUOTA_MENTOR_SESSION',
    usage: 'mentorSessions',
    price: 0.09,
    maxInputTokens: 1400,
    maxOutputTokens: 420,
  },
};

/** How far a use may cost more than it is sold for. */
export const MAX_OF_PRICE = 1.5;

/** Something for each feature. */
export function ofEach<T>(make: (feature: FeatureName) => T): Record<FeatureName, T> {
  return Object.fromEntries(FEATURES.map((feature) => [feature, make(feature)])) as Record<FeatureName, T>;
}
