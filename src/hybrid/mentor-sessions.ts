import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, IsNull, LessThan, Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { FEATURE_RULES, MAX_OF_PRICE } from './features.js';
import { LedgerService } from './ledger.service.js';
import { MentorSession } from './mentor-session.entity.js';
import { MentorTurn } from './mentor-turn.entity.js';

const MAX_TURNS = 20;
/** So many a session has at the least, whatever tokens cost. */
const MIN_TURNS = 6;
const LASTS_S = 24 * 3600;
/** Longer than any answer takes: whoever took the session's turn before is gone. */
const BUSY_S = 60;

/** A session as its turns need it, also before it is stored with the first of them. */
export type OpenSession = Pick<MentorSession, 'id' | 'userId' | 'courseId' | 'turns' | 'spentUsd'>;

/** Conversations with the mentor: kept for a day, for their owner alone, one turn at a time. */
@Injectable()
export class MentorSessions {
  constructor(
    @InjectRepository(MentorSession) private readonly sessions: Repository<MentorSession>,
    @InjectRepository(MentorTurn) private readonly turns: Repository<MentorTurn>,
    private readonly unitOfWork: UnitOfWork,
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes the session's next turn, which has to be released.
   * @throws {AppError} SESSION_NOT_FOUND; SESSION_ENDED; CONFLICT while another turn is answered
   */
  async take(id: string, userId: string, courseId: string): Promise<MentorSession> {
    const session = await this.sessions.findOneBy({ id, userId, courseId });
    if (!session) throw new AppError('SESSION_NOT_FOUND', `Session '${id}' does not exist`);
    const isOver = session.createdAt <= this.clock.in(-LASTS_S) || this.turnsLeft(session) === 0;
    if (isOver) throw new AppError('SESSION_ENDED', 'This session has ended: begin another one');
    const now = this.clock.now();
    const gone = this.clock.in(-BUSY_S);
    const { turns } = session;
    const { affected } = await this.unitOfWork.run((manager) =>
      manager.update(
        MentorSession,
        [
          { id, turns, busySince: IsNull() },
          { id, turns, busySince: LessThan(gone) },
        ],
        { busySince: now },
      ),
    );
    if (affected !== 1) throw new AppError('CONFLICT', 'Another question of this session is being answered');
    return session;
  }

  /** Frees the session for another turn, as this one came to nothing. */
  async release(id: string): Promise<void> {
    await this.unitOfWork.run((manager) => manager.update(MentorSession, id, { busySince: null }));
  }

  /** The latest turns, oldest first. */
  async history({ id }: MentorSession, limit: number): Promise<MentorTurn[]> {
    const turns = await this.turns.find({ where: { sessionId: id }, order: { id: 'desc' }, take: limit });
    return turns.reverse();
  }

  /** Keeps a turn, and the session if it is its first. A part of the unit of work that settles the call. */
  async keep(
    manager: EntityManager,
    session: OpenSession,
    { question, answer, costUsd }: { question: string; answer: string; costUsd: number },
  ): Promise<void> {
    const now = this.clock.now();
    const { turns, spentUsd } = session;
    const after = { turns: turns + 1, spentUsd: spentUsd + costUsd, busySince: null, updatedAt: now };
    if (turns === 0) await manager.insert(MentorSession, { ...session, ...after, createdAt: now });
    else await manager.update(MentorSession, session.id, after);
    await manager.insert(MentorTurn, { sessionId: session.id, question, answer, createdAt: now });
  }

  /** How many turns a session has left at least: each may have to be repaired. */
  turnsLeft({ turns, spentUsd }: Pick<MentorSession, 'turns' | 'spentUsd'>): number {
    const { price, maxInputTokens, maxOutputTokens } = FEATURE_RULES.mentor_sessions;
    const turnUsd = 2 * this.ledger.costOf({ inputTokens: maxInputTokens, outputTokens: maxOutputTokens });
    const budgetUsd = Math.max(price * MAX_OF_PRICE, MIN_TURNS * turnUsd);
    const budgeted = turnUsd === 0 ? MAX_TURNS : Math.floor((budgetUsd - spentUsd) / turnUsd + 1e-9);
    return Math.max(0, Math.min(MAX_TURNS - turns, budgeted));
  }
}
