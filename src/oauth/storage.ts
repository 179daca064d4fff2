import { Injectable } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { Changes } from '../database/changes.js';
import { UnitOfWork } from '../database/unit-of-work.js';

/** What it takes to keep something, for adapters that the authorization server makes by itself. */
@Injectable()
export class Storage {
  constructor(
    @InjectEntityManager() readonly reader: EntityManager,
    readonly unitOfWork: UnitOfWork,
    readonly changes: Changes,
    readonly clock: Clock,
  ) {}
}
