import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import type { LimitExemption } from '../limits/limit.js';
import { SubmissionsService } from './submissions.service.js';

/** A submission that was made before is answered again even when no more may be made. */
@Injectable()
export class RepeatedSubmission implements LimitExemption {
  constructor(private readonly submissions: SubmissionsService) {}

  async isExempt({ caller, body }: FastifyRequest): Promise<boolean> {
    const id = submissionIdOf(body);
    return caller !== null && id !== null && this.submissions.isKnown(caller.userId, id);
  }
}

function submissionIdOf(body: unknown): string | null {
  const id = typeof body === 'object' && body !== null && 'submission_id' in body ? body.submission_id : undefined;
  return isUUID(id) ? (id as string).toLowerCase() : null;
}
