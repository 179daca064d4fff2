/** What a model may answer to each of the features. */
export const ASSESSMENT = {
  score: 0.8,
  feedback: 'Good, but the scope is missing.',
  strengths: ['names the owner'],
  misconceptions_identified: [],
  recommended_study_topics: ['scope'],
  confidence_level: 'high',
};
export const MENTOR = {
  response: 'Look at the owner.',
  teaching_points: ['owner'],
  follow_up_questions: ['Why?'],
  related_concepts: ['scope'],
};
export const SYNTHESIS = {
  synthesized_concepts: ['a'],
  connections_identified: ['b'],
  big_picture_insights: ['c'],
  practical_applications: ['d'],
};
export const PATH = {
  recommended_next_chapter: 'two',
  confidence: 7,
  learning_style: 'by doing',
  improvement_areas: [],
  estimated_time_to_mastery: '1 hour',
  reasoning: 'because',
  recommendations: [
    { chapter_id: 'elsewhere', reason: 'x', priority: 'high', estimated_minutes: 1 },
    { chapter_id: 'two', reason: 'y', priority: 'high', estimated_minutes: 999 },
  ],
};

/** The one that a prompt asks for. */
export function answerTo(prompt: string): object {
  if (prompt.includes('You grade')) return ASSESSMENT;
  if (prompt.includes('belong together')) return SYNTHESIS;
  return prompt.includes('You plan') ? PATH : MENTOR;
}
