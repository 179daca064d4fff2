import { z } from 'zod';
import type { FeatureName } from './features.js';

const filledText = z.string().refine((text) => text !== '', 'must not be empty');
const texts = z.array(z.string());

/** What the features answer with, as a model or a rule gives it. */
const SHAPES = {
  adaptive_learning: z.object({
    recommended_next_chapter: z.string(),
    confidence: z.number(),
    learning_style: z.string(),
    improvement_areas: texts,
    estimated_time_to_mastery: z.string(),
    reasoning: z.string(),
    recommendations: z.array(
      z.object({
        chapter_id: z.string(),
        reason: z.string(),
        priority: z.enum(['high', 'medium', 'low']),
        estimated_minutes: z.number(),
      }),
    ),
  }),
  llm_assessment: z.object({
    score: z.number(),
    feedback: filledText,
    strengths: texts,
    misconceptions_identified: texts,
    recommended_study_topics: texts,
    confidence_level: z.enum(['low', 'medium', 'high']),
  }),
  synthesis: z
    .object({
      synthesized_concepts: texts,
      connections_identified: texts,
      big_picture_insights: texts,
      practical_applications: texts,
    })
    .refine((lists) => Object.values(lists).some(({ length }) => length > 0), 'must not be empty'),
  mentor_sessions: z.object({
    response: filledText,
    teaching_points: texts,
    follow_up_questions: texts,
    related_concepts: texts,
  }),
} satisfies Record<FeatureName, z.ZodType>;

export type AnswerOf<F extends FeatureName> = z.infer<(typeof SHAPES)[F]>;

export type Read<T> = { success: true; value: T } | { success: false; problem: string };

/** The JSON Schema of what a feature answers with. */
export function schemaOf(feature: FeatureName): object {
  return z.toJSONSchema(SHAPES[feature]);
}

/** What a feature answers with, of a value that may be something else. */
export function readAnswer<F extends FeatureName>(feature: F, value: unknown): Read<AnswerOf<F>> {
  const parsed = SHAPES[feature].safeParse(value);
  if (!parsed.success) return { success: false, problem: z.prettifyError(parsed.error).slice(0, 300) };
  return { success: true, value: parsed.data as AnswerOf<F> };
}
