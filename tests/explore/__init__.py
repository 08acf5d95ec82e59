"""A schedule explorer: the engine's real statements, interleaved in orders that a seed decides.

Threads execute the engine's own code against a real PostgreSQL. Each of them stops before everything that another could
notice: a statement, a COMMIT or ROLLBACK, a call to the outside world, the return of a step's code. A scheduler lets one of
them proceed at a time, kills them, stops them, takes their connections away, lets people click and time pass. Afterwards
everybody is left alone and the invariants must hold. A schedule is a list of decisions, so it can be replayed and shrunk.

Read in this order: `decisions` (what a schedule consists of), `actors` and `scheduler` (who proceeds, who waits for a lock),
`clock` and `world` (time and the outside, with their assumptions), `graphs` (the runs), `jobs` (what threads do), `schedule` (carries decisions out),
`chooser` (draws them), `invariants`, `shrinking`, `explorer`.

What is and is not controlled:

- At most one thread proceeds. A thread that waits for a lock is recognised by PostgreSQL's own table of locks, not by a
  time-out, and a thread that a COMMIT frees runs to its next point before anybody else is chosen.
- Time is the database's clock plus what the schedule lets pass (`clock`). Real time counts a hundredth, so that a slow
  machine takes the same decisions; a schedule that takes minutes of real time could differ.
- Two threads that one COMMIT frees go on side by side for a single statement. PostgreSQL queues them in the order in
  which they began to wait.
- The explorer breaks a cycle of waits itself, by cancelling the statement that closed it: PostgreSQL's own choice depends
  on timers. The engine sees an OperationalError either way. A click in such a cycle is a violation, no matter which of them is cancelled.
"""
