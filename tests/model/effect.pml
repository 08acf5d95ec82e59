/* The protocol of an effect (onboarding/engine/effects.py): never twice, never zero.
 *
 * Two workers may hold the step one after the other, die or stand still at any point, and lose any answer. A call lands at
 * some moment before its time is over, or never; what landed is found by looking only after the index's lag. Time is a
 * counter that goes on whenever nothing must happen before.
 *
 * Without a define the assertions hold. Each of NO_SETTLE, LOOK_BEFORE_CLOCK, NO_BOUND and NO_FENCE takes one rule out, and
 * then two objects are made.
 */

#define MAXIMUM 7    /* ticks of the clock */
#define BOUND 1      /* a call lands within so many ticks of its fence */
#define LAG 1        /* and is found so many ticks after it landed */
#define LEASE 2      /* longer than a call */
#define SETTLE 3     /* longer than BOUND + LAG */
#define CALLS 3      /* calls under way at the most */
#define CLAIMS 3     /* how often the step is taken at the most */

byte clock;
byte epoch;          /* the fencing token of the step */
byte lease;          /* until when it is held */
bool running, finished;
bool intended;       /* the effect's row */
byte tried;          /* when it was tried last */
byte made;           /* how many objects there are outside */
byte landed;         /* when the first one came to be */
bool under_way[CALLS];
byte until[CALLS];   /* the last moment at which a call may land */

inline claim() {
    atomic {
        (!finished && epoch < CLAIMS && (!running || clock > lease));
        running = true; epoch++; mine = epoch; lease = clock + LEASE
    }
}

inline release() {   /* a wait: the step is free, and may be taken again */
    atomic {
        if
        :: epoch == mine -> running = false
        :: else
        fi
    }
}

inline look() {
    found = (made > 0 && clock >= landed + LAG)
}

inline fence_and_try() {
    atomic {
        if
#ifdef NO_FENCE
        :: true
#else
        :: epoch == mine && running
#endif
            -> intended = true; tried = clock; lease = clock + LEASE; held = true
        :: else -> held = false
        fi
    }
}

inline send() {      /* only while the time that began at the fence is not over */
    atomic {
        if
#ifndef NO_BOUND
        :: clock > fenced + BOUND -> skip
#endif
        :: else ->
            slot = 0;
            do
            :: slot < CALLS && under_way[slot] -> slot++
            :: else -> break
            od;
            if
            :: slot < CALLS -> under_way[slot] = true; until[slot] = fenced + BOUND
            :: else
            fi
        fi
    }
}

active [2] proctype worker() {
    byte mine, now, fenced, slot;
    bool found, held, uncertain;
again:
    atomic { mine = 0; now = 0; fenced = 0; slot = 0; found = false; held = false; uncertain = false };
    if
    :: finished -> goto end
    :: clock >= MAXIMUM || epoch >= CLAIMS -> goto end
    :: claim()
    fi;
    uncertain = intended;
#ifdef LOOK_BEFORE_CLOCK
    look();
    now = clock;
#else
    now = clock;
    look();
#endif
    if
    :: found -> goto done
    :: else
    fi;
    if
#ifndef NO_SETTLE
    :: uncertain && now < tried + SETTLE -> release(); goto again
#endif
    :: else
    fi;
    fenced = clock;
    fence_and_try();
    if
    :: !held -> goto again                 /* lost: drop everything */
    :: else
    fi;
    if
    :: goto again                          /* died before the call */
    :: true -> send()
    fi;
    if
    :: goto again                          /* died, or the answer was lost and its wait was not even stored */
    :: true -> release(); goto again       /* the answer was lost */
    :: made > 0 -> goto done               /* the answer came */
    fi;
done:
    atomic {
        if
        :: epoch == mine -> finished = true; running = false;
            assert(made >= 1)              /* never zero */
        :: else                            /* recorded all the same; the next holder finds it */
        fi
    };
    goto again;
end:
    skip
}

inline land() {
    made++;
    assert(made == 1);                         /* never twice */
    landed = clock
}

active proctype outside() {
end:
    do
    :: atomic { under_way[0] -> under_way[0] = false; land() }
    :: atomic { under_way[1] -> under_way[1] = false; land() }
    :: atomic { under_way[2] -> under_way[2] = false; land() }
    :: atomic { under_way[0] -> under_way[0] = false }            /* it never arrived */
    :: atomic { under_way[1] -> under_way[1] = false }
    :: atomic { under_way[2] -> under_way[2] = false }
    :: clock >= MAXIMUM -> break
    od
}

#ifdef NO_BOUND
#define LANDS_LATER(i) true
#else
#define LANDS_LATER(i) (!under_way[i] || clock < until[i])
#endif

active proctype time() {
end:
    do
    :: atomic {
        clock < MAXIMUM && LANDS_LATER(0) && LANDS_LATER(1) && LANDS_LATER(2) -> clock++
       }
    :: clock >= MAXIMUM -> break
    od
}
