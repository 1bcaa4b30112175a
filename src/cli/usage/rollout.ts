export const usage = `
sluice rollout CHANNEL --server URL [options]

Shadow, then growing shares of the traffic, each step judged by a test that may be read at any time. Rolls back at once
on harm, pauses when it stays undecided. Stopped and started again it goes on from its state file.
Exit code: 0 promoted, 1 rolled back, 3 paused or stopped before the end.

  --server URL       where sluice serve listens
  --policy FILE      gate policy with a rollout section (default gates/rollout.yaml)
  --state FILE       state document (default .sluice/rollout-CHANNEL.json)
  --manifest FILE    the challenger's release manifest, for the agreement that it expects
  --interval S       seconds between looks (default 10)
  --base BRANCH      write the end into git on this branch: record, stage tag, or the channel put back
  --abort REASON     roll back now
  --resume REASON    go on after a pause
  --by NAME          who aborts or resumes (default: the login name)
  --json FILE        the state document once more`
