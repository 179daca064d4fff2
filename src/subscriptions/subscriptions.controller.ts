import { Body, Controller, Delete, Get, HttpCode, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Admin, Open, SelfOrAdmin } from '../auth/access.js';
import { UserId } from '../auth/caller.js';
import { Scope } from '../auth/scope.js';
import { Errors } from '../common/api-errors.js';
import { Limit } from '../limits/limit.js';
import { AccessDto, PlanChoiceDto, PlanDto, SubscriptionDto } from './subscriptions.dto.js';
import { SubscriptionsService } from './subscriptions.service.js';

@ApiTags('Subscriptions')
@Limit('SUBSCRIPTIONS')
@Controller('subscriptions')
export class SubscriptionsController {
  constructor(private readonly subscriptions: SubscriptionsService) {}

  /**
   * List the plans with their prices and what they open.
   * @remarks Prices are in US dollars a month.
   */
  @Get('plans')
  @Open()
  @ApiOperation({ operationId: 'listPlans' })
  @Errors()
  plans(): PlanDto[] {
    return this.subscriptions.plans();
  }

  /**
   * Read a user's subscription; who has none has a free one.
   * @remarks A plan past its end date is free at once.
   */
  @Get(':user_id')
  @Scope('learn:read')
  @ApiOperation({ operationId: 'getSubscription' })
  @Errors('USER_NOT_FOUND')
  get(@UserId() userId: string): Promise<SubscriptionDto> {
    return this.subscriptions.get(userId);
  }

  /**
   * Tell what a user's plan opens now, and until when.
   * @remarks Ask it before offering premium chapters, quizzes or the hybrid features.
   */
  @Get(':user_id/access')
  @Scope('learn:read')
  @ApiOperation({ operationId: 'getAccess' })
  @Errors('USER_NOT_FOUND')
  access(@UserId() userId: string): Promise<AccessDto> {
    return this.subscriptions.access(userId);
  }

  /**
   * Give a user a plan, with or without an end; for admins.
   * @remarks Another plan takes the place of the one before; the same plan is given another end.
   */
  @Put(':user_id')
  @Admin()
  @ApiOperation({ operationId: 'setSubscription' })
  @Errors('USER_NOT_FOUND', 'CONFLICT')
  set(@UserId() userId: string, @Body() choice: PlanChoiceDto): Promise<SubscriptionDto> {
    return this.subscriptions.choose(userId, choice);
  }

  /**
   * Cancel a user's subscription; it lasts until its end date, or ends now if it has none.
   * @remarks For the user and for admins. Without a subscription there is nothing to do.
   */
  @Delete(':user_id')
  @HttpCode(204)
  @SelfOrAdmin()
  @ApiOperation({ operationId: 'cancelSubscription' })
  @Errors('USER_NOT_FOUND')
  cancel(@UserId() userId: string): Promise<void> {
    return this.subscriptions.cancel(userId);
  }
}
