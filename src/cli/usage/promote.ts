export const usage = `
sluice promote CHANNEL --manifest FILE [options]
sluice promote CHANNEL --rollback REASON [options]
sluice promote CHANNEL --verify --data PATH [options]

Writes channels/CHANNEL.yaml on a branch of this repository, for a pull request. Called twice it makes one change.
models/MODEL/VERSION.dvc goes with it where dvc add wrote it.

  --manifest FILE    release manifest (sluice release writes it)
  --format NAME      which of its artefacts runs there (default onnx)
  --bundle FILE      its evidence bundle (sluice release --bundle writes it); the channel keeps its digest
  --rollback REASON  the release before the present one instead
  --at-once          with --rollback: commit on the base itself, without waiting for a review
  --verify           work out again, from the inputs themselves, what a proposal that changes the channel claims: its
                     files, the bundle, artefacts and data by their digests from DVC, the verdict by the gates of the
                     base, the attestations of who built it where the base requires them (GITHUB_TOKEN asks GitHub),
                     and the predictions by running the artefact. Commits are read in a clean clone
  --data PATH        with --verify: folder of the data set in the repository, or its dataset spec
  --head REV         with --verify: the proposal (default HEAD)
  --policy PATH      with --verify: the policy of the base (default gates/model.yaml)
  --repository R     with --verify: OWNER/NAME whose attestations count (default GITHUB_REPOSITORY)
  --trusted-root F   with --verify: trusted roots of Sigstore, for use without a network (default: gh attestation
                     trusted-root)
  --base BRANCH      branch that the change is for (default main)
  --json FILE        what was done; with --verify, the evidence

  exit code of --verify: 0 it holds, 1 something differs, 3 something cannot be had`
