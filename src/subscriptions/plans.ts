/** What a plan opens beyond the free one. */
export const FEATURES = ['content.premium', 'quizzes.premium', 'hybrid', 'quota.x3'] as const;

export type Feature = (typeof FEATURES)[number];

export const PLAN_TYPES = ['free', 'premium', 'pro', 'team'] as const;

export type PlanType = (typeof PLAN_TYPES)[number];

export interface Plan {
  name: string;
  /** In US dollars a month. */
  price: number;
  /** In words, for who chooses. */
  includes: string[];
  features: Feature[];
}

const PREMIUM: Feature[] = ['content.premium', 'quizzes.premium', 'hybrid'];

export const PLANS: Record<PlanType, Plan> = {
  free: {
    name: 'Free',
    price: 0,
    includes: ['Public content', 'Free quizzes', 'Progress and streak', 'Search'],
    features: [],
  },
  premium: {
    name: 'Premium',
    price: 9.99,
    includes: [
      'All that is free',
      'Premium chapters and quizzes',
      'Adaptive learning, assessment, synthesis and mentor',
    ],
    features: PREMIUM,
  },
  pro: {
    name: 'Pro',
    price: 19.99,
    includes: ['All of Premium', 'Three times its daily quotas'],
    features: [...PREMIUM, 'quota.x3'],
  },
  team: {
    name: 'Team',
    price: 49.99,
    includes: ['All of Pro'],
    features: [...PREMIUM, 'quota.x3'],
  },
};
