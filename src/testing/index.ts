export type {
  CloseLike,
  Environment,
  Hint,
  MessageLike,
  SocketClass,
  SocketLike,
} from '../core/platform/environment.js'
export type { Sendable } from '../core/platform/sendable.js'
export type { WireData } from '../protocol/wire.js'
export type { Logger } from '../shared/logger.js'
export { type Checker, type CheckerLane, createChecker, type Gap, type LaneReport } from './checker.js'
export { type FakeEnvironment, fakeEnvironment, type LogEntry } from './fake-environment.js'
export { type CloseRequest, FakeWebSocket } from './fake-web-socket.js'
export { createFaultProxy, type FaultProxy, type FaultProxyOptions } from './fault-proxy.js'
export type { Direction, FaultName, FaultOptions, Heal } from './faults.js'
export type { PairConnection, PairWay } from './pair-connection.js'
export { seededRandom } from './random.js'
export type { StormOptions, StormStep } from './storm.js'
export { createTestPair, type PairServer, type TestPair, type TestPairOptions } from './test-pair.js'
