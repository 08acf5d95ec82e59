/* The protocol of an effect (engine/effects.py): never twice, never zero.
 *
 * Two workers hold the step one after the other. Each can die or be stopped at any point, and lose any answer. A call
 * arrives at some moment before its deadline, or never, or it is refused; the object that it created is found only after the
 * lag of the provider's search. Time is a counter that proceeds whenever nothing has to happen first.
 *
 * Without a define the assertions hold. Each of NO_VISIBLE_AFTER, FIND_BEFORE_CLOCK, NO_DEADLINE, NO_FENCE and
 * UNFENCED_REFUSAL removes one rule, and then two objects are created.
 */

#define MAXIMUM 7    /* ticks of the clock */
#define DEADLINE 1   /* a call arrives within this many ticks of its fence */
#define LAG 1        /* its object is found this many ticks after the call arrived */
#define LEASE 2      /* longer than a call */
#define VISIBLE_AFTER 3  /* longer than DEADLINE + LAG */
#define CALLS 3      /* calls in progress, at most */
#define CLAIMS 3     /* claims of the step, at most */

byte clock;
byte epoch;          /* the fencing token of the step */
byte lease;          /* when the lease of its holder expires */
bool running, finished;
bool intended;       /* the effect's row */
byte tried;          /* the time of the last try */
byte tried_by;       /* the epoch of who made it */
bool refused[4];     /* the other side said no to the try of this epoch */
byte objects;        /* how many objects exist outside */
byte created;        /* when the first of them was created */
bool in_progress[CALLS];
byte until[CALLS];   /* the last moment at which a call can arrive */
byte made_by[CALLS]; /* the epoch of who makes the call */

inline claim() {
    atomic {
        (!finished && epoch < CLAIMS && (!running || clock > lease));
        running = true; epoch++; mine = epoch; lease = clock + LEASE
    }
}

inline release() {   /* a wait: the step is free, and can be claimed again */
    atomic {
        if
        :: epoch == mine -> running = false
        :: else
        fi
    }
}

inline find() {
    exists = (objects > 0 && clock >= created + LAG)
}

inline fence_and_try() {
    atomic {
        if
#ifdef NO_FENCE
        :: true
#else
        :: epoch == mine && running
#endif
            -> intended = true; tried = clock; tried_by = mine; lease = clock + LEASE; held = true
        :: else -> held = false
        fi
    }
}

inline refuse() {    /* written only while nobody has tried since */
    atomic {
        if
#ifdef UNFENCED_REFUSAL
        :: true
#else
        :: tried_by == mine
#endif
            -> intended = false
        :: else
        fi
    }
}

inline send() {      /* only before the deadline, which counts from the fence */
    atomic {
        if
#ifndef NO_DEADLINE
        :: clock > fenced + DEADLINE -> skip
#endif
        :: else ->
            slot = 0;
            do
            :: slot < CALLS && in_progress[slot] -> slot++
            :: else -> break
            od;
            if
            :: slot < CALLS -> in_progress[slot] = true; until[slot] = fenced + DEADLINE; made_by[slot] = mine
            :: else
            fi
        fi
    }
}

active [2] proctype worker() {
    byte mine, now, fenced, slot;
    bool exists, held, uncertain;
again:
    atomic { mine = 0; now = 0; fenced = 0; slot = 0; exists = false; held = false; uncertain = false };
    if
    :: finished -> goto end
    :: clock >= MAXIMUM || epoch >= CLAIMS -> goto end
    :: claim()
    fi;
    uncertain = intended;
#ifdef FIND_BEFORE_CLOCK
    find();
    now = clock;
#else
    now = clock;
    find();
#endif
    if
    :: exists -> goto done
    :: else
    fi;
    if
#ifndef NO_VISIBLE_AFTER
    :: uncertain && now < tried + VISIBLE_AFTER -> release(); goto again
#endif
    :: else
    fi;
    fenced = clock;
    fence_and_try();
    if
    :: !held -> goto again                 /* the step was lost: stop */
    :: else
    fi;
    if
    :: goto again                          /* died before the call */
    :: true -> send()
    fi;
    if
    :: goto again                          /* died, or the answer was lost and the wait was not stored either */
    :: true -> release(); goto again       /* the answer was lost */
    :: objects > 0 -> goto done            /* the answer arrived */
    :: refused[mine] -> refuse(); release(); goto again    /* it was no */
    fi;
done:
    atomic {
        if
        :: epoch == mine -> finished = true; running = false;
            assert(objects >= 1)           /* never zero */
        :: else                            /* the effect is recorded anyway; the next holder finds it */
        fi
    };
    goto again;
end:
    skip
}

inline arrive() {
    objects++;
    assert(objects == 1);                      /* never twice */
    created = clock
}

active proctype outside() {
end:
    do
    :: atomic { in_progress[0] -> in_progress[0] = false; arrive() }
    :: atomic { in_progress[1] -> in_progress[1] = false; arrive() }
    :: atomic { in_progress[2] -> in_progress[2] = false; arrive() }
    :: atomic { in_progress[0] -> in_progress[0] = false; refused[made_by[0]] = true }
    :: atomic { in_progress[1] -> in_progress[1] = false; refused[made_by[1]] = true }
    :: atomic { in_progress[2] -> in_progress[2] = false; refused[made_by[2]] = true }
    :: atomic { in_progress[0] -> in_progress[0] = false }            /* it never arrives */
    :: atomic { in_progress[1] -> in_progress[1] = false }
    :: atomic { in_progress[2] -> in_progress[2] = false }
    :: clock >= MAXIMUM -> break
    od
}

#ifdef NO_DEADLINE
#define CAN_ARRIVE_LATER(i) true
#else
#define CAN_ARRIVE_LATER(i) (!in_progress[i] || clock < until[i])
#endif

active proctype time() {
end:
    do
    :: atomic {
        clock < MAXIMUM && CAN_ARRIVE_LATER(0) && CAN_ARRIVE_LATER(1) && CAN_ARRIVE_LATER(2) -> clock++
       }
    :: clock >= MAXIMUM -> break
    od
}
