import { latencyEdgesMs, type RouterStatus } from '../../core/rollout/tally.ts'

/** The counters in Prometheus' text format (version 0.0.4). */
export function metricsText(status: RouterStatus): string {
  const lines: string[] = []
  const family = (name: string, type: string, help: string, rows: [labels: string, value: number][], suffix = '') => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
    for (const [labels, value] of rows) lines.push(`${name}${suffix}${labels ? `{${labels}}` : ''} ${value}`)
  }
  const arms = (['champion', 'challenger'] as const).map((arm) => [label('arm', arm), status.arms[arm]] as const)
  family(
    'sluice_requests_total',
    'counter',
    'Requests answered.',
    arms.map(([arm, a]) => [arm, a.answered]),
  )
  family(
    'sluice_copies_total',
    'counter',
    'Copies given to the arm that did not answer.',
    arms.map(([arm, a]) => [arm, a.copies]),
  )
  family(
    'sluice_copies_dropped_total',
    'counter',
    'Copies dropped because the queue was full.',
    arms.map(([arm, a]) => [arm, a.dropped]),
  )
  family(
    'sluice_errors_total',
    'counter',
    'Crashes, timeouts and model errors.',
    arms.map(([arm, a]) => [arm, a.errors]),
  )
  family(
    'sluice_restarts_total',
    'counter',
    'Restarts of the model process.',
    arms.map(([arm, a]) => [arm, a.restarts]),
  )
  lines.push(
    '# HELP sluice_model_seconds Time of the model process, decode to boxes.',
    '# TYPE sluice_model_seconds histogram',
  )
  for (const [arm, a] of arms) {
    let below = 0
    for (const [i, edge] of latencyEdgesMs.entries()) {
      below += a.latencyMs[i] as number
      lines.push(`sluice_model_seconds_bucket{${arm},le="${edge / 1000}"} ${below}`)
    }
    const total = below + (a.latencyMs.at(-1) as number)
    lines.push(`sluice_model_seconds_bucket{${arm},le="+Inf"} ${total}`)
    lines.push(
      `sluice_model_seconds_sum{${arm}} ${a.latencySumMs / 1000}`,
      `sluice_model_seconds_count{${arm}} ${total}`,
    )
  }
  const { pairs } = status
  family('sluice_pairs_total', 'counter', 'Requests that both arms were given.', [['', pairs.pairs]])
  family('sluice_boxes_kept_total', 'counter', "Champion's confident boxes that the challenger has.", [
    ['', pairs.kept],
  ])
  family('sluice_boxes_lost_total', 'counter', "Champion's confident boxes that the challenger lacks.", [
    ['', pairs.championBoxes - pairs.kept],
  ])
  family('sluice_boxes_gained_total', 'counter', "Challenger's confident boxes that the champion lacks.", [
    ['', pairs.gained],
  ])
  family('sluice_challenger_weight', 'gauge', 'Share of requests that the challenger answers.', [['', status.weight]])
  return `${lines.join('\n')}\n`
}

function label(name: string, value: string): string {
  return `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
