import { ToolError } from '../core/errors.ts'
import { advance, type Effect, isOver, type RolloutEvent, type RolloutState } from '../core/rollout/machine.ts'
import type { Rules } from '../core/rollout/rules.ts'
import type { Clock, Router } from '../ports.ts'

export type RolloutPorts = {
  router: Router
  clock: Clock
  /** Keeps the state document; called before anything is done outside, and after. */
  save: (state: RolloutState) => Promise<void> | void
  /** Writes a promotion or a rollback into git; must be safe to call twice. */
  settle: (effect: Effect, state: RolloutState) => Promise<void>
}

/**
 * Drives a rollout until it is over, paused or the signal stops it, and returns the state it left. Every look is saved
 * with what it asks for, then applied, then noted as done: started again from the saved state, it repeats what may be missing.
 */
export async function driveRollout(
  ports: RolloutPorts,
  input: {
    state: RolloutState
    rules: Rules
    intervalSeconds: number
    signal?: AbortSignal
    /** Weights fall back to 0 by themselves when no look renews them for three intervals. */
    lease?: boolean
    onLook?: (state: RolloutState) => void
  },
): Promise<RolloutState> {
  const { rules, intervalSeconds, signal, onLook } = input
  const leaseSeconds = input.lease === false ? null : Math.max(5, 3 * intervalSeconds)
  const send = async (state: RolloutState, event: RolloutEvent) => {
    const next = advance(state, event, rules).state
    await ports.save(next)
    return next
  }
  let state = input.state
  await ports.save(state)
  for (let stuck = 0; ; ) {
    state = await applyAll(ports, state, leaseSeconds, send)
    stuck = isOver(state) && state.pending.length > 0 ? stuck + 1 : 0
    if (stuck > 10) throw unreachable(state)
    const waits = state.phase === 'paused' && state.pending.length === 0
    if ((isOver(state) && state.pending.length === 0) || waits || signal?.aborted) return state
    if (!isOver(state) && state.phase !== 'paused') {
      state = await send(state, await lookAt(ports))
      onLook?.(state)
      state = await applyAll(ports, state, leaseSeconds, send)
      if (state.phase === 'canary') await renew(ports.router, state, leaseSeconds)
      if (isOver(state) && state.pending.length === 0) return state
    }
    await ports.clock.sleep(intervalSeconds * 1000, signal).catch(() => {})
  }
}

function unreachable(state: RolloutState): ToolError {
  const weight = state.pending.find(({ type }) => type === 'route')?.weight ?? state.weight
  return new ToolError(`the rollout is ${state.phase}, but the router does not take weight ${weight}`, {
    mend: 'bring the router back and run this again: it goes on from the saved state',
  })
}

async function lookAt({ router, clock }: RolloutPorts): Promise<RolloutEvent> {
  let status = null
  let problem: string | undefined
  try {
    status = await router.status()
  } catch (error) {
    problem = (error as Error).message
  }
  const at = clock.now().getTime() / 1000
  return { type: 'look', id: `look-${at}`, at, status, ...(problem === undefined ? {} : { problem }) }
}

/** Applies what is pending, in order; a router that does not answer keeps its effect for the next round. */
async function applyAll(
  ports: RolloutPorts,
  state: RolloutState,
  leaseSeconds: number | null,
  send: (state: RolloutState, event: RolloutEvent) => Promise<RolloutState>,
): Promise<RolloutState> {
  let current = state
  for (const effect of state.pending) {
    if (effect.type === 'route') {
      const applied = await setWeight(ports.router, current, effect.weight, leaseSeconds)
      // Git must not promise traffic that does not flow; a rollback is written even when the router is gone.
      if (!applied && current.phase !== 'rolled-back') return current
      if (!applied) continue
    } else await ports.settle(effect, current)
    const at = ports.clock.now().getTime() / 1000
    current = await send(current, { type: 'done', id: `done-${effect.id}`, at, effect: effect.id })
  }
  return current
}

/** Sets the share and reads it back: a router that took the request and does something else did not apply it. */
async function setWeight(router: Router, state: RolloutState, weight: number, leaseSeconds: number | null) {
  // After the end the weight stays and nobody renews it; a rolled-back challenger gets no more copies.
  const over = isOver(state)
  try {
    await router.setWeight({
      challenger: weight,
      shadow: !over,
      leaseSeconds: over || weight === 0 ? null : leaseSeconds,
    })
  } catch {
    return false
  }
  // Without an answer the router's word stands that it took the weight; the next look sees another one.
  const status = await router.status().catch(() => null)
  return status === null || Math.abs(status.weight - weight) < 1e-9
}

async function renew(router: Router, state: RolloutState, leaseSeconds: number | null): Promise<void> {
  if (leaseSeconds !== null && state.pending.length === 0) await setWeight(router, state, state.weight, leaseSeconds)
}
