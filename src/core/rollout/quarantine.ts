import type { ChannelBody, ReleaseManifestBody, RolloutStateBody } from '../documents/release.ts'
import { UsageError } from '../errors.ts'
import { type Placed, wasRolledBack } from './channels.ts'

type Evidence = ReleaseManifestBody['evidence']
/** A release that did harm: in a channel's history, or in the record of a rollout that never got that far. */
export type RolledBack = { version: string; manifest: string | null; artifact?: string }
/** A verdict follows from the rest, and a training run says how a model was made, not how good it is. */
const measuresNothing = new Set(['Verdict', 'TrainRun'])

/** Releases that a channel's history marks. */
export function rolledBackIn(now: ChannelBody | null): RolledBack[] {
  return (now?.history ?? []).filter(({ reason }) => wasRolledBack(reason))
}

/** The release that a rollout took back; null when it ended otherwise. Its manifest lies where its version says. */
export function rolledBackBy(state: RolloutStateBody): Omit<RolledBack, 'manifest'> | null {
  if (state.phase !== 'rolled-back') return null
  const { challenger, artifacts } = state
  return { version: challenger, ...(artifacts ? { artifact: artifacts.challenger } : {}) }
}

/**
 * An artefact that was rolled back comes back only as another release that names evidence which the one that was rolled
 * back did not have. `evidenceOf` gives the evidence of an earlier manifest, null where that is gone: then nothing is new.
 */
export function refuseQuarantined(
  rolledBack: readonly RolledBack[],
  to: Placed,
  evidence: Evidence,
  evidenceOf: (manifest: string | null) => Evidence | null,
): void {
  for (const entry of rolledBack) {
    // A record from before artefacts were kept is about a version.
    if (entry.artifact === undefined ? entry.version !== to.version : entry.artifact !== to.artifact) continue
    const before = evidenceOf(entry.manifest)
    const known = new Set(before?.map(({ id }) => id))
    const newer = evidence.filter(({ id, kind }) => !measuresNothing.has(kind) && !known.has(id))
    if (entry.manifest !== to.manifest && before !== null && newer.length > 0) continue
    const why =
      entry.manifest === to.manifest
        ? 'this is the same release'
        : before === null
          ? 'its manifest is gone, so that no evidence can be told to be newer'
          : 'this release names no evidence that it did not have'
    throw new UsageError(`artefact ${to.artifact.slice(0, 12)} was rolled back as ${entry.version}: ${why}`, {
      mend: 'measure it again for what it was rolled back for, and release it with that evidence',
    })
  }
}
