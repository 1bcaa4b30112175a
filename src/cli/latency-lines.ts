import { slowdownOf } from '../core/compare/latency.ts'
import { placeOf } from '../core/compare/latency-run.ts'
import type { LatencyBody } from '../core/documents/operational.ts'

type Limits = { p50?: number; p95?: number }

/** A measurement of latency in lines: both arms, both ratios, and what the allowed ratios make of them. */
export function latencyLines(body: LatencyBody, limits: Limits): string[] {
  const { arms, noise, clock } = body
  const by = clock === 'processor' ? 'processor time, since the machine was noisy' : 'the wall clock'
  return [
    `on ${placeOf(body)}`,
    ...arms.map(armLine),
    `${ratioLine('at the median', body.ratioP50)}, by ${by}${noise.noisy ? ', noisy machine' : ''}`,
    ratioLine('at the 95th percentile', body.ratioP95),
    ...slowdownLines(body, 'p50', 'at the median', limits.p50),
    ...slowdownLines(body, 'p95', 'at the 95th percentile', limits.p95),
    ...(noise.signs ?? []).map((sign) => `noise: ${sign}`),
  ]
}

function ratioLine(where: string, { value, low = value, high = value }: LatencyBody['ratioP50']): string {
  return `ratio ${where} ${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`
}

/** Whether it is slower, where a limit was given, and what the runs could not find unless that is settled. */
function slowdownLines(
  { bounds, runsToFind, protocol }: LatencyBody,
  of: 'p50' | 'p95',
  where: string,
  limit?: number,
) {
  const runs = protocol.runsPerArm
  const found = limit === undefined || !bounds ? null : slowdownOf(bounds[of], limit)
  const needs = runsToFind?.[of] ?? null
  const settled = found === 'slower' || found === 'not slower'
  return [
    ...(found === null ? [] : [`${found} ${where}, where a ratio of ${limit} is allowed, after ${runs} runs an arm`]),
    ...(settled || needs === null || needs <= runs
      ? []
      : [`${runs} runs an arm were made; to find a slowdown of 5 % ${where} with a power of 0.9 takes ${needs} here`]),
  ]
}

function armLine(arm: LatencyBody['arms'][number]): string {
  const { partsMs: parts, streams } = arm
  const split = parts
    ? `; decode ${parts.decode}, preprocess ${parts.preprocess}, inference ${parts.inference}, postprocess ${parts.postprocess} ms`
    : ''
  const several = streams ? `, ${streams.imagesPerSecond} with ${streams.count} processes and decoding` : ''
  return `${arm.name}: p50 ${arm.p50Ms} ms, p95 ${arm.p95Ms} ms, ${arm.imagesPerSecond} images/s${several}, ${arm.peakMemoryMiB.toFixed(0)} MiB, loaded in ${arm.loadMs?.toFixed(0)} ms${split}`
}
