export type { ServiceInTest } from './hosted-service.ts';
export { type PrivateRedis, startPrivateRedis } from './private-redis.ts';
export { type Recorded, Recorder } from './recorder.ts';
export { type RedisServer, startRedisServer, startTlsRedisServer, type TlsRedisServer } from './redis-server.ts';
export { type ServiceProcess, startService } from './service-process.ts';
export { type Stack, type StackOptions, startStack } from './stack.ts';
export { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
