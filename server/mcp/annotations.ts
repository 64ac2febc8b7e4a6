import type { TokenEffect } from '../stores/index.ts'

/** What a client may show of a tool before it is called (MCP, tool annotations), by the effect of its operation. */
export function annotationsOf(effect: TokenEffect, method: string) {
  return {
    readOnlyHint: effect === 'read',
    destructiveHint: effect !== 'read' && method !== 'create',
    idempotentHint: effect === 'read' || method === 'update' || method === 'delete',
    openWorldHint: true,
  }
}

/** Of tools that ask nobody outside. */
export const INSIDE = Object.freeze({
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
})
