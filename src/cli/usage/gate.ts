export const usage = `
  sluice gate POLICY --evidence DIR|FILE... [options]

  POLICY            a policy of kind GatePolicy, e.g. gates/model.yaml
  --evidence PATH   a document that sluice wrote with --evidence, or a folder of them; may be repeated
  --subject K=SHA   the digest that is judged (model, validationSet, trainSet, champion, control ...);
                    what is not named is what the evidence agrees on
  --first-release   there is no champion yet: absolute gates only
  --base-policy P   the policy of the base, a file or REV:PATH: judged by both, the stricter answer counts, and
                    what the proposal loosens is listed
  --floor FILE      a policy that none may fall below, e.g. an organisation's; may be repeated
  --accept FILE     acceptances of held verdicts (a fail is never accepted)
  --json FILE       write the Verdict
  --judging FILE    write by what it was reached: sluice release --bundle takes it
  --replay BUNDLE   compute a release's bundle again, offline, without a policy or evidence beside it; proves that its
                    verdict follows from what is in it, not where that came from

  exit code: 0 pass, 1 fail, 3 inconclusive`
