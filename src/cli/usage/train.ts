export const usage = `
usage: sluice train PIPELINE --data DIR --output DIR [options]

Runs a pipeline (a file, or champion, candidate, smoke) through its trainer in a process of its own. Weights, results.csv
and the log lie in the output folder, the TrainRun (or Smoke) document beside them.

  --start-from last.pt   weights of an earlier run; reading weights runs code, so only your own
  --role control         the control arm: the same pipeline on the base data
  --seed N               instead of the pipeline's
  --json FILE            the document's body      --evidence FILE   the whole document
`
