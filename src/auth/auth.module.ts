import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConnectionsModule } from '../connections/connections.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccessTokens } from './access-tokens.js';
import { AuthEvents } from './auth-events.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { ConnectionsController } from './connections.controller.js';
import { Expiry } from './expiry.js';
import { JwtStrategy } from './jwt.strategy.js';
import { LoginAttempts } from './login-attempts.js';
import { PasswordReset } from './password-reset.entity.js';
import { PasswordResets } from './password-resets.js';
import { Passwords } from './passwords.js';
import { Session } from './session.entity.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Session, PasswordReset]),
    JwtModule.register({}),
    PassportModule,
    UsersModule,
    ConnectionsModule,
  ],
  controllers: [AuthController, ConnectionsController],
  providers: [
    AuthService,
    AuthEvents,
    SessionsRepository,
    SessionsService,
    Passwords,
    PasswordResets,
    LoginAttempts,
    AccessTokens,
    JwtStrategy,
    Expiry,
  ],
  exports: [AccessTokens, UsersModule, ConnectionsModule, AuthService, AuthEvents, Passwords, PasswordResets],
})
export class AuthModule {}
