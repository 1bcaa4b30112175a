import { servingUsage } from '../serving-usage.ts'

export const usage = `sluice bench BASELINE.onnx CANDIDATE.onnx --images DIR [options]

Times both in fresh processes, interleaved A B B A, and gives the ratio with its interval; a machine's
milliseconds are its own, the ratio travels.

  --images DIR     pictures, taken in turn
  --runs N         processes an arm, default 10
  --per-run N      timed pictures a run, default 40
  --limit R        ratio at the median that is allowed, e.g. 1.05; where the runs leave it open, the measurement goes
                   on once, to as many runs as their spread asks for (4 to 8 times as many)
  --limit-p95 R    the same for the 95th percentile
  --slowdown R     makes the candidate R times as slow by busy waiting, to see that it is found; gives no evidence
  --provider NAME  cpu (default), cuda or tensorrt; one that is not here is an error
  --target NAME    what it is measured on, as gates name it; processor, cores, provider and threads unless given
  --streams N      also counts images a second of N processes at once, decoding included
${servingUsage}
  --json FILE      the result
  --evidence FILE  the whole document, for gates`
