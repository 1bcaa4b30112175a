import { parseEvidence } from '../core/documents/parse.ts'
import { type ChannelBody, rolloutState } from '../core/documents/release.ts'
import { ToolError } from '../core/errors.ts'
import { wasRolledBack } from '../core/rollout/channels.ts'
import { stageTitle } from '../core/rollout/settlement.ts'
import type { RouterStatus } from '../core/rollout/tally.ts'
import type { Git, Router } from '../ports.ts'

/** A release as a server's arm shows it. */
type Arm = { version: string; artifact: string }

/**
 * Releases that a channel gave up for the one it names: those that it rolled back for it, and those that had its stage and
 * all its traffic, of which it does not know any more, as after the revert of a promotion.
 */
export async function givenUp(
  git: Pick<Git, 'show' | 'list' | 'tags'>,
  base: string,
  now: ChannelBody,
): Promise<Arm[]> {
  const found: Arm[] = []
  for (const { version, artifact, reason } of now.history) {
    if (!wasRolledBack(reason)) break
    if (artifact !== undefined) found.push({ version, artifact })
  }
  const known = new Set([now, ...now.history].map(({ version }) => version))
  const named = (await git.tags(`${now.model}#${now.channel}#*`)).map(({ message }) => message.split('\n', 1)[0])
  for (const path of await git.list(base, 'channels/rollouts')) {
    const bytes = path.endsWith('.json') ? await git.show(base, path) : null
    if (bytes === null) continue
    const { body } = parseEvidence(rolloutState, new TextDecoder().decode(bytes), path)
    const { channel, phase, challenger: version, artifacts } = body
    if (channel !== now.channel || phase !== 'promoted' || !artifacts || known.has(version)) continue
    // One that was rolled out by hand, before any channel names it, has no stage.
    if (named.includes(stageTitle({ ...now, version }))) found.push({ version, artifact: artifacts.challenger })
  }
  return found
}

/**
 * Gives a server's traffic back to the release that a channel names, at once, where one that it gave up has some; nothing
 * is compared first. Null where no such release serves; done before, it says so and changes nothing.
 */
export async function takeBack(
  router: Router,
  input: { now: ChannelBody; left: readonly Arm[]; bring: () => Promise<{ artifact: string; manifest: string }> },
): Promise<string | null> {
  const { now, left, bring } = input
  const { champion, challenger, weight, shadow } = await router.status()
  const isLeft = (arm: RouterStatus['challenger']) => left.some((one) => serves(arm, one))
  if (serves(champion, now)) {
    if (!isLeft(challenger) || (weight === 0 && !shadow)) return null
    await give(router, 0)
    return `${now.version} has all traffic again, ${challenger?.version} has none`
  }
  if (!isLeft(champion)) return null
  const isThere = serves(challenger, now)
  if (!isThere) await router.setChallenger(await bring())
  if (!isThere || weight !== 1 || shadow) await give(router, 1)
  return `${now.version} has all traffic, though the server was started with ${champion.version}`
}

/** Whether a server's arm is a release; a server that was given no manifest calls a version by the artefact's digest. */
export function serves(arm: Arm | null, release: Arm): boolean {
  const named = arm?.version === release.version || release.artifact.startsWith(arm?.version ?? ' ')
  return arm?.artifact === release.artifact && named
}

async function give(router: Router, challenger: 0 | 1): Promise<void> {
  await router.setWeight({ challenger, shadow: false, leaseSeconds: null })
  const { weight } = await router.status()
  if (weight === challenger) return
  throw new ToolError(`the server took the weight ${challenger} and has ${weight}`, { mend: 'run this job again' })
}
