export { createEgressPolicy, createNarrowEgressPolicy, type EgressPolicy } from './egress.ts'
export { connectChecked } from './socket.ts'
export { createTransport, type NetworkTransport, type TransportOptions } from './transport.ts'
