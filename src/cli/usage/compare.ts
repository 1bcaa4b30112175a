export const usage = `sluice compare BASELINE.json CANDIDATE.json [options]
sluice compare champion.json seed-1.json,seed-2.json,seed-3.json

Candidate minus baseline over two Evaluation documents of the same images: mean AP, overall and by class, with a
bootstrap of whole scenes that draws both models alike. Evaluations of one recipe trained with several seeds stand
behind each other, with commas: then the interval speaks of the recipe. It measures; sluice gate judges.

  --metric M            map (AP 50 to 95, default) or map50
  --resamples N         draws, default 2000
  --seed N              of the draws, default 0
  --interval I          percentile (default) or bca: corrected for bias and skewness
  --baseline-name NAME  champion (default) or control: what gates call it
  --before FILE         the champion on the old validation set, BASELINE being the champion on the new one: then the
                        change is split into labels, yardstick and model
  --control FILE        the control arm on the new set: the model's part is split into training and data
  --attribution FILE    that split as a document
  --power               which margins this validation set can resolve, and how many scenes others need
  --html FILE           the comparison as a page: differences, slices, errors, curves, images fixed and broken
  --data DIR            the data set, whose pictures the page shows
  --json FILE           the comparison
  --evidence FILE       the whole document, for gates`
