/** Where providers deliver to; the random part of the address follows. */
export const INBOUND_PATH = '/webhook-in'
/** Job: deals with what came in for an account. */
export const PROCESS = 'inbound.process'
/** Job: has the provider of an account deliver, or its feed polled. */
export const PROVISION = 'inbound.provision'
/** Job: finds the accounts whose provider is to be told of another address. */
export const REVIEW = 'inbound.review'
/** Job: polls all feeds. */
export const POLL = 'inbound.poll'
/** Job: polls the feed of an account. */
export const POLL_ACCOUNT = 'inbound.poll_account'
