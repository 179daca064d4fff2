import type { AnswerOf } from './answer-shapes.js';
import { keyTerms, stemsOf } from './key-terms.js';

/** A grade, and what it is given for. */
export type Assessment = AnswerOf<'llm_assessment'>;

/** Beyond these a model answer's words are beside the point. */
const MAX_TERMS = 20;
const MAX_NAMED = 5;
/** Terms of the model answer count more than those that only the rubric names. */
const FROM_RUBRIC = 0.5;
/** What a rubric says of any answer. */
const OF_RUBRICS = stemsOf(
  'names mentions says states explains gives describes shows answer point points full half credit least learner must',
);

/**
 * Grades an answer by which of the model answer's and the rubric's key terms it speaks of, in whatever form. It sees
 * words and no meaning, so it is never sure.
 */
export function assessByCoverage(question: string, modelAnswer: string, rubric: string, response: string): Assessment {
  const asked = new Set([...OF_RUBRICS, ...stemsOf(question)]);
  const weights = new Map<string, { form: string; weight: number }>();
  const add = (text: string, share: number) => {
    for (const { stem, form } of keyTerms(text).slice(0, MAX_TERMS)) {
      if (!asked.has(stem) && !weights.has(stem)) weights.set(stem, { form, weight: share });
    }
  };
  add(modelAnswer, 1);
  add(rubric, FROM_RUBRIC);
  const said = new Set(stemsOf(response));
  const terms = [...weights].map(([stem, term]) => ({ ...term, isSaid: said.has(stem) }));
  const total = terms.reduce((sum, { weight }) => sum + weight, 0);
  const covered = terms.reduce((sum, { weight, isSaid }) => sum + (isSaid ? weight : 0), 0);
  const named = (isSaid: boolean) =>
    terms
      .filter((term) => term.isSaid === isSaid)
      .sort((one, other) => other.weight - one.weight || one.form.localeCompare(other.form))
      .map(({ form }) => form)
      .slice(0, MAX_NAMED)
      .sort();
  const [present, missing] = [named(true), named(false)];
  return {
    score: total === 0 ? 0 : Math.round((covered / total) * 100) / 100,
    feedback: feedbackOf(present, missing),
    strengths: present.map((term) => `speaks of ${term}`),
    misconceptions_identified: [],
    recommended_study_topics: missing,
    confidence_level: terms.length >= 8 && said.size >= 8 ? 'medium' : 'low',
  };
}

function feedbackOf(present: string[], missing: string[]): string {
  const has =
    present.length > 0 ? `Your answer speaks of ${list(present)}.` : 'Your answer speaks of none of the topics.';
  const lacks = missing.length > 0 ? `It does not speak of ${list(missing)}.` : 'It leaves out none of the main ones.';
  return `${has} ${lacks} This grade compares words, not meaning.`;
}

/** Apart from each other, so that they are no quotation. */
function list(terms: string[]): string {
  return terms.map((term) => `“${term}”`).join(' and ');
}
