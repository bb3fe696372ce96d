/* core/net/loop: timers, descriptors, signals and jobs; nothing moves while nothing happens. */
#include <config.h>

#include "net/loop_internal.h"

#include "cunit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <tr069/plugin.h>
#include <unistd.h>

static struct loop *loop;
static char trace[256];
static char letters[128]; /* each at its own place, for callbacks */
#define LETTER(c) (&letters[(int) (c)])

static void note(char c) {
    size_t length = strlen(trace);
    if (length + 1 < sizeof trace) {
        trace[length] = c;
        trace[length + 1] = '\0';
    }
}

static uint64_t now_ms(void) {
    struct timespec now;
    (void) clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

static void stop(void *user) {
    (void) user;
    loop_stop(loop);
}

static void run_for(uint64_t ms) {
    CU_ASSERT_EQUAL(loop_timer(loop, ms, stop, NULL, NULL), 0);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
}

static void begin(void) {
    trace[0] = '\0';
    CU_ASSERT_EQUAL_FATAL(loop_new(&loop), 0);
}

static void end(void) {
    loop_free(loop);
    loop = NULL;
}

/* ---- timers ------------------------------------------------------------------------------------ */

static void say(void *user) {
    note(*(const char *) user);
}

static void timers_fire_in_order(void) {
    begin();
    uint64_t start = now_ms();
    (void) loop_timer(loop, 30, say, LETTER('c'), NULL);
    (void) loop_timer(loop, 10, say, LETTER('a'), NULL);
    (void) loop_timer(loop, 20, say, LETTER('b'), NULL);
    (void) loop_timer(loop, 40, say, LETTER('d'), NULL);
    (void) loop_timer(loop, UINT64_MAX, say, LETTER('x'), NULL);
    run_for(50);
    CU_ASSERT_STRING_EQUAL(trace, "abcd");
    CU_ASSERT_TRUE(now_ms() - start >= 50);
    CU_ASSERT_TRUE(now_ms() - start < 5000);
    end();
}

static void timers_of_one_instant_keep_their_order(void) {
    begin();
    for (const char *c = "abcdefghijklmnop"; *c != '\0'; c++) {
        (void) loop_timer(loop, 0, say, LETTER(*c), NULL);
    }
    run_for(5);
    CU_ASSERT_STRING_EQUAL(trace, "abcdefghijklmnop");
    end();
}

/* Removal from the middle of the heap must keep the heap: against a plain count. */
static unsigned fired[400];
static uint64_t last_due;
struct planned {
    uint64_t ms;
    uint64_t earliest, latest; /* when it is due: adding it took a while, too */
    unsigned number;
    struct tr069_timer *timer;
};
static struct planned planned[400];

static void stop_by_watch(void *user, int fd, int what) {
    (void) fd;
    (void) what;
    stop(user);
}

/* PeriodicInformInterval may be 136 years, which is more than a time_t of 32 bits holds. */
static void a_timer_may_be_centuries_away(void) {
    static const uint64_t far[] = {(uint64_t) INT32_MAX * 1000, (uint64_t) UINT32_MAX * 1000, UINT64_MAX};
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        int ends[2];
        struct tr069_watch *watch = NULL;
        begin();
        CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
        CU_ASSERT_EQUAL(write(ends[1], "x", 1), 1);
        CU_ASSERT_EQUAL(loop_watch(loop, ends[0], TR069_READABLE, stop_by_watch, NULL, &watch), 0);
        CU_ASSERT_EQUAL(loop_timer(loop, far[i], say, LETTER('x'), NULL), 0);
        CU_ASSERT_EQUAL(loop_run(loop), 0);
        CU_ASSERT_STRING_EQUAL(trace, "");
        loop_unwatch(loop, watch);
        (void) close(ends[0]);
        (void) close(ends[1]);
        end();
    }
}

static void planned_fired(void *user) {
    struct planned *one = user;
    CU_ASSERT_TRUE(one->latest >= last_due);
    last_due = one->earliest > last_due ? one->earliest : last_due;
    fired[one->number]++;
}

static void many_timers_with_removals(void) {
    begin();
    unsigned seed = 7;
    last_due = 0;
    memset(fired, 0, sizeof fired);
    for (unsigned i = 0; i < 400; i++) {
        seed = seed * 1103515245u + 12345u;
        planned[i] = (struct planned){.ms = (seed >> 16) % 60 * 5, .number = i};
    }
    for (unsigned i = 0; i < 400; i++) {
        struct planned *one = &planned[i];
        one->earliest = loop_now_ms() + one->ms;
        CU_ASSERT_EQUAL(loop_timer(loop, one->ms, planned_fired, one, &one->timer), 0);
        one->latest = loop_now_ms() + one->ms;
    }
    for (unsigned i = 0; i < 400; i += 3) {
        loop_timer_cancel(loop, planned[i].timer);
    }
    run_for(400);
    for (unsigned i = 0; i < 400; i++) {
        CU_ASSERT_EQUAL(fired[i], i % 3 == 0 ? 0 : 1);
    }
    loop_timer_cancel(loop, NULL);
    end();
}

static struct tr069_timer *victim;

static void kill_victim(void *user) {
    (void) user;
    note('k');
    loop_timer_cancel(loop, victim);
}

static void a_timer_removes_another_that_is_due(void) {
    begin();
    (void) loop_timer(loop, 1, kill_victim, NULL, NULL);
    (void) loop_timer(loop, 1, say, LETTER('v'), &victim);
    (void) usleep(3000);
    run_for(5);
    CU_ASSERT_STRING_EQUAL(trace, "k");
    end();
}

static unsigned renewals;
static void renew(void *user) {
    renewals++;
    (void) loop_timer(loop, 0, renew, user, NULL);
}

static void a_renewing_timer_starves_nobody(void) {
    begin();
    renewals = 0;
    (void) loop_timer(loop, 0, renew, NULL, NULL);
    run_for(20);
    CU_ASSERT_TRUE(renewals > 1);
    end();
}

/* ---- descriptors ------------------------------------------------------------------------------- */

static struct tr069_watch *watches[2];
static int last_what;

static void read_one(void *user, int fd, int what) {
    char c;
    (void) user;
    last_what = what;
    if (read(fd, &c, 1) == 1) {
        note(c);
    } else {
        note('.');
        loop_stop(loop);
    }
}

static void a_pipe_is_read_to_its_end(void) {
    int fds[2];
    begin();
    CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
    CU_ASSERT_EQUAL(loop_watch(loop, fds[0], TR069_READABLE, read_one, NULL, &watches[0]), 0);
    CU_ASSERT_EQUAL(loop_watch(loop, fds[0], TR069_READABLE, read_one, NULL, &watches[1]), -EEXIST);
    CU_ASSERT_EQUAL(loop_watch(loop, fds[0], 0, read_one, NULL, &watches[1]), -EINVAL);
    CU_ASSERT_EQUAL(write(fds[1], "hi", 2), 2);
    (void) close(fds[1]); /* after the data: a hang-up without data */
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    CU_ASSERT_STRING_EQUAL(trace, "hi.");
    CU_ASSERT_TRUE((last_what & TR069_READABLE) != 0);
    loop_unwatch(loop, watches[0]);
    (void) close(fds[0]);
    end();
}

static int pair_of[2];
static void unwatch_both(void *user, int fd, int what) {
    (void) user;
    (void) fd;
    (void) what;
    note('u');
    loop_unwatch(loop, watches[0]);
    loop_unwatch(loop, watches[1]);
    loop_unwatch(loop, NULL);
}

static void a_watch_removes_itself_and_another(void) {
    begin();
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, pair_of), 0);
    (void) loop_watch(loop, pair_of[0], TR069_WRITABLE, unwatch_both, NULL, &watches[0]);
    (void) loop_watch(loop, pair_of[1], TR069_WRITABLE, unwatch_both, NULL, &watches[1]);
    run_for(10);
    CU_ASSERT_STRING_EQUAL(trace, "u");
    (void) close(pair_of[0]);
    (void) close(pair_of[1]);
    end();
}

static void close_early(void *user, int fd, int what) {
    int other[2];
    (void) user;
    (void) what;
    note('e');
    (void) close(fd);
    CU_ASSERT_EQUAL_FATAL(pipe(other), 0); /* takes the number again */
    CU_ASSERT_EQUAL(write(other[1], "n", 1), 1);
    CU_ASSERT_EQUAL(other[0], fd);
    (void) loop_watch(loop, other[0], TR069_READABLE, read_one, NULL, &watches[1]);
    loop_unwatch(loop, watches[0]);
    (void) close(other[1]);
}

static void a_number_taken_again_is_another_watch(void) {
    int fds[2];
    begin();
    CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
    CU_ASSERT_EQUAL(write(fds[1], "x", 1), 1);
    (void) loop_watch(loop, fds[0], TR069_READABLE, close_early, NULL, &watches[0]);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    CU_ASSERT_STRING_EQUAL(trace, "en.");
    loop_unwatch(loop, watches[1]);
    (void) close(fds[0]);
    (void) close(fds[1]);
    end();
}

/* ---- signals and turns ------------------------------------------------------------------------- */

static void signal_came(void *user, int number) {
    note(*(const char *) user);
    CU_ASSERT_EQUAL(number, SIGUSR1);
}

static void signals_arrive_here(void) {
    begin();
    CU_ASSERT_EQUAL(loop_signal(loop, SIGUSR1, signal_came, LETTER('a')), 0);
    CU_ASSERT_EQUAL(loop_signal(loop, SIGUSR1, signal_came, LETTER('b')), 0);
    CU_ASSERT_EQUAL(loop_signal(loop, 4711, signal_came, LETTER('c')), -EINVAL);
    (void) kill(getpid(), SIGUSR1);
    run_for(10);
    CU_ASSERT_EQUAL(strlen(trace), 2);
    CU_ASSERT_PTR_NOT_NULL(strchr(trace, 'a'));
    CU_ASSERT_PTR_NOT_NULL(strchr(trace, 'b'));
    end();
    sigset_t now;
    (void) pthread_sigmask(SIG_BLOCK, NULL, &now);
    CU_ASSERT_EQUAL(sigismember(&now, SIGUSR1), 0);
}

static void turn_ended(void *user) {
    (void) user;
    note('t');
}

static void a_turn_is_told_only_when_something_was_done(void) {
    begin();
    loop_on_turn(loop, turn_ended, NULL);
    (void) loop_timer(loop, 5, say, LETTER('a'), NULL);
    run_for(20);
    CU_ASSERT_STRING_EQUAL(trace, "att"); /* the second is the stop */
    end();
}

/* ---- jobs -------------------------------------------------------------------------------------- */

static pthread_t loop_thread;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static unsigned worked, done;

static void job_work(void *user) {
    (void) user;
    CU_ASSERT_FALSE(pthread_equal(pthread_self(), loop_thread));
    (void) pthread_mutex_lock(&gate);
    worked++;
    (void) pthread_mutex_unlock(&gate);
}

static void job_done(void *user) {
    const unsigned *expected = user;
    CU_ASSERT_TRUE(pthread_equal(pthread_self(), loop_thread));
    if (++done == *expected) {
        loop_stop(loop);
    }
}

static void jobs_run_elsewhere_and_end_here(void) {
    unsigned count = 66, given = 0;
    begin();
    loop_thread = pthread_self();
    worked = done = 0;
    (void) pthread_mutex_lock(&gate); /* the two workers hang; 64 wait */
    struct timespec pause = {.tv_nsec = 20000000};
    for (; given < 2; given++) {
        CU_ASSERT_EQUAL(loop_job(loop, job_work, job_done, &count), 0);
        (void) nanosleep(&pause, NULL);
    }
    while (given < 66 && loop_job(loop, job_work, job_done, &count) == 0) {
        given++;
    }
    CU_ASSERT_EQUAL(given, 66);
    CU_ASSERT_EQUAL(loop_job(loop, job_work, job_done, &count), -EAGAIN);
    (void) pthread_mutex_unlock(&gate);
    CU_ASSERT_EQUAL(loop_run(loop), 0);
    CU_ASSERT_EQUAL(worked, 66);
    CU_ASSERT_EQUAL(done, 66);
    end();
}

static unsigned begun;

static void slow_work(void *user) {
    struct timespec pause = {.tv_nsec = 30000000};
    (void) pthread_mutex_lock(&gate);
    begun++;
    (void) pthread_mutex_unlock(&gate);
    (void) nanosleep(&pause, NULL);
    (void) pthread_mutex_lock(&gate);
    *(unsigned *) user += 1;
    (void) pthread_mutex_unlock(&gate);
}

static void never(void *user) {
    (void) user;
    note('!');
}

static void the_end_waits_for_running_jobs(void) {
    unsigned ran = 0;
    begin();
    for (int i = 0; i < 10; i++) {
        (void) loop_job(loop, slow_work, never, &ran);
    }
    bool one = false;
    for (int i = 0; !one && i < 5000; i++) { /* until one runs */
        struct timespec pause = {.tv_nsec = 1000000};
        (void) nanosleep(&pause, NULL);
        (void) pthread_mutex_lock(&gate);
        one = begun > 0;
        (void) pthread_mutex_unlock(&gate);
    }
    end();
    CU_ASSERT_TRUE(ran >= 1);
    CU_ASSERT_TRUE(ran <= 2);
    CU_ASSERT_STRING_EQUAL(trace, "");
}

/* ---- idle -------------------------------------------------------------------------------------- */

/* Every wait that ends and begins again is a voluntary context switch. */
static void idle_is_asleep(void) {
    struct rusage before, after;
    int fds[2];
    begin();
    CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
    (void) loop_watch(loop, fds[0], TR069_READABLE, read_one, NULL, &watches[0]);
    (void) loop_signal(loop, SIGUSR1, signal_came, LETTER('s'));
    (void) loop_timer(loop, 3600000, say, LETTER('x'), NULL);
    (void) getrusage(RUSAGE_THREAD, &before);
    run_for(1000);
    (void) getrusage(RUSAGE_THREAD, &after);
    CU_ASSERT_TRUE(after.ru_nvcsw - before.ru_nvcsw <= 3);
    long us = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000 +
              (after.ru_utime.tv_usec - before.ru_utime.tv_usec);
    CU_ASSERT_TRUE(us < 20000);
    loop_unwatch(loop, watches[0]);
    (void) close(fds[0]);
    (void) close(fds[1]);
    end();
}

static CU_TestInfo tests[] = {
    {"timers fire in order", timers_fire_in_order},
    {"timers of one instant keep their order", timers_of_one_instant_keep_their_order},
    {"a timer may be centuries away", a_timer_may_be_centuries_away},
    {"many timers with removals", many_timers_with_removals},
    {"a timer removes another that is due", a_timer_removes_another_that_is_due},
    {"a renewing timer starves nobody", a_renewing_timer_starves_nobody},
    {"a pipe is read to its end", a_pipe_is_read_to_its_end},
    {"a watch removes itself and another", a_watch_removes_itself_and_another},
    {"a number taken again is another watch", a_number_taken_again_is_another_watch},
    {"signals arrive here", signals_arrive_here},
    {"a turn is told only when something was done", a_turn_is_told_only_when_something_was_done},
    {"jobs run elsewhere and end here", jobs_run_elsewhere_and_end_here},
    {"the end waits for running jobs", the_end_waits_for_running_jobs},
    {"idle is asleep", idle_is_asleep},
    CU_TEST_INFO_NULL,
};

int main(void) {
    for (int i = 0; i < 128; i++) {
        letters[i] = (char) i;
    }
    CU_SuiteInfo suites[] = {CUNIT_SUITE("loop", tests), CU_SUITE_INFO_NULL};
    return cunit_run(suites);
}
