import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Connection } from './connection.entity.js';
import { ConnectionsService } from './connections.service.js';
import { GrantedTokens } from './granted-tokens.js';

@Module({
  imports: [TypeOrmModule.forFeature([Connection]), JwtModule.register({})],
  providers: [ConnectionsService, GrantedTokens],
  exports: [ConnectionsService, GrantedTokens],
})
export class ConnectionsModule {}
