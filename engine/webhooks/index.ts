export type { Delivery, DeliveryKeys, NativeEvent, Received } from './contract.ts'
export { eventOf, readDelivery } from './read.ts'
export { certificateUrl } from './verify.ts'
