import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsObject, Matches } from 'class-validator';
import { CallerDto } from '../auth/caller.dto.js';
import { Check } from '../common/check.js';
import { ID_PATTERN, ID_RULE } from '../common/ids.js';
import { Optional } from '../common/optional.js';
import { withoutInvisible } from '../common/text.js';
import { UuidField } from '../common/uuid-field.js';

const isAdvisory = (value: unknown) =>
  (typeof value === 'number' && value >= 0) || (typeof value === 'object' && value !== null && !Array.isArray(value));
const isText = (value: unknown, most: number) =>
  typeof value === 'string' && Array.from(value).length <= most && withoutInvisible(value).trim() !== '';
const isGoals = (value: unknown) =>
  Array.isArray(value) && value.length <= 10 && value.every((goal) => isText(goal, 300));
const isChapters = (value: unknown) =>
  Array.isArray(value) &&
  value.length >= 2 &&
  value.length <= 10 &&
  new Set(value).size === value.length &&
  value.every((id) => typeof id === 'string' && ID_PATTERN.test(id));

/** A text with something in it. */
const Text = (most: number) =>
  Check('text', (value) => isText(value, most), `must be a text of 1 to ${most} characters`);

/** Whatever a client sends. */
const ANYTHING = ['string', 'number', 'boolean', 'object', 'null'].map((type) => ({ type }));

const FREE_FORM = {
  oneOf: [
    { type: 'number', minimum: 0 },
    { type: 'object', additionalProperties: true },
  ],
};

/** Which course, for whom and to what end. */
class CourseRequest extends CallerDto {
  /** @example "modern-python-with-typing" */
  @Matches(ID_PATTERN, { message: ID_RULE })
  course_id: string;
}

class GoalsRequest extends CourseRequest {
  /** What the learner wants to reach, in their own words. @example ["write typed code at work"] */
  @Optional()
  @Check('goals', isGoals, 'must be a list of at most 10 texts of 1 to 300 characters')
  @ApiPropertyOptional({ type: 'array', maxItems: 10, items: { type: 'string', minLength: 1, maxLength: 300 } })
  learning_goals?: string[];
}

export class AdaptiveLearningRequest extends GoalsRequest {
  /** Where the learner is. @example "modern-python-with-typing-why-types" */
  @Optional()
  @Matches(ID_PATTERN, { message: ID_RULE })
  current_chapter_id?: string;

  /** The client's own figures. Advisory: what is stored of the learner counts. */
  @Optional()
  @IsObject({ message: 'must be an object' })
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  quiz_performance?: Record<string, unknown>;

  /** The client's own figures. Advisory: what is stored of the learner counts. */
  @Optional()
  @Check('advisory', isAdvisory, 'must be a number from 0 on or an object')
  @ApiPropertyOptional(FREE_FORM)
  time_spent?: number | object;
}

export class LLMAssessmentRequest extends CallerDto {
  /** @example "modern-python-with-typing-quiz-why-types" */
  @Matches(ID_PATTERN, { message: ID_RULE })
  quiz_id: string;

  /** A free-text question of the quiz. @example "q1" */
  @Matches(ID_PATTERN, { message: ID_RULE })
  question_id: string;

  /** What the learner answered. */
  @Text(4000)
  @ApiProperty({ minLength: 1, maxLength: 4000 })
  user_response: string;

  /** Ignored: the answer and the rubric are the quiz's own. */
  @Optional()
  @ApiPropertyOptional({ oneOf: [...ANYTHING, { type: 'array', items: {} }] })
  correct_answer?: unknown;

  /** Ignored: the question is the quiz's own. */
  @Optional()
  @ApiPropertyOptional({ oneOf: [...ANYTHING, { type: 'array', items: {} }] })
  question_context?: unknown;
}

export class CrossChapterSynthesisRequest extends GoalsRequest {
  /** From 2 to 10 chapters of the course. */
  @Check('chapters', isChapters, 'must be a list of 2 to 10 distinct chapter ids')
  @ApiProperty({ type: [String], minItems: 2, maxItems: 10, uniqueItems: true })
  chapter_ids: string[];
}

export class MentorSessionRequest extends CourseRequest {
  /** @example "When is a Protocol better than a base class?" */
  @Text(2000)
  @ApiProperty({ minLength: 1, maxLength: 2000 })
  question: string;

  /** The chapter that the question is about. */
  @Optional()
  @Matches(ID_PATTERN, { message: ID_RULE })
  chapter_id?: string;

  /** What else the learner says of it. */
  @Optional()
  @Text(2000)
  @ApiPropertyOptional({ minLength: 1, maxLength: 2000 })
  context?: string;

  /** Goes on with this session: the same user and course, within 24 hours. */
  @UuidField()
  session_id?: string;
}

/** Who made an answer; `offline` is by rule, without a model. */
export class GeneratedByDto {
  /** @example "offline" */
  provider: string;

  /** @example "rules" */
  model: string;
}

class HybridAnswerDto {
  generated_by: GeneratedByDto;
}

export class RecommendationDto {
  /** A chapter of the course that the learner may open. */
  chapter_id: string;

  /** The figures that led to it. */
  reason: string;

  @ApiProperty({ enum: ['high', 'medium', 'low'] })
  priority: 'high' | 'medium' | 'low';

  /** The chapter's reading time in minutes. */
  @ApiProperty({ type: 'integer' })
  estimated_minutes: number;
}

export class AdaptiveLearningResponse extends HybridAnswerDto {
  /** A chapter of the course that the learner may open. */
  recommended_next_chapter: string;

  /** 0 to 1. @example 0.6 */
  confidence: number;

  /** How the learner works, by what they have done. */
  learning_style: string;

  /** What is weak; at most 10. */
  improvement_areas: string[];

  /** @example "about 45 minutes" */
  estimated_time_to_mastery: string;

  /** Why, in a sentence or two. */
  reasoning: string;

  /** At most 10, the first thing to do first. */
  recommendations: RecommendationDto[];
}

export class LLMAssessmentResponse extends HybridAnswerDto {
  /** 0 to 1. @example 0.7 */
  score: number;

  /** What there is to say of the answer, in a few sentences. */
  feedback: string;

  /** What the answer does well; at most 8. */
  strengths: string[];

  /** What it gets wrong; at most 8. */
  misconceptions_identified: string[];

  /** What to study again; at most 8. */
  recommended_study_topics: string[];

  /** How sure the grade is. */
  @ApiProperty({ enum: ['low', 'medium', 'high'] })
  confidence_level: 'low' | 'medium' | 'high';
}

export class CrossChapterSynthesisResponse extends HybridAnswerDto {
  /** What several of the chapters speak of; at most 8. */
  synthesized_concepts: string[];

  /** What one chapter says with regard to another, each with its chapters; at most 8. */
  connections_identified: string[];

  /** What the chapters say together; at most 8. */
  big_picture_insights: string[];

  /** What can be done with it; at most 8. */
  practical_applications: string[];

  /** The ids of the chapters that it is made from. */
  sources: string[];
}

export class MentorSessionResponse extends HybridAnswerDto {
  /** Sent with the next question it goes on with this session. */
  @ApiProperty({ format: 'uuid' })
  session_id: string;

  /** What the mentor says to the question. */
  response: string;

  /** What to keep in mind of it; at most 6. */
  teaching_points: string[];

  /** What the learner may ask themselves next; at most 6. */
  follow_up_questions: string[];

  /** What else it has to do with; at most 6. */
  related_concepts: string[];

  /** How many more questions the session takes at least. */
  @ApiProperty({ type: 'integer' })
  turns_left: number;
}
