/* A clock that a test may put forward, for the real daemon: loaded by LD_PRELOAD, by tests only.
 *
 * The file of TR069_TEST_CLOCK holds three numbers of 20 places each, with blanks between: milliseconds by
 * which the monotonic clocks and the wall clock are ahead of the system's, and of the former those in which
 * the machine slept: CLOCK_MONOTONIC does not count them. The test writes new ones in one write and then
 * wakes the daemon up (tr069-ctl status does); whatever it reads of the time from then on is later. Timers of
 * timerfd are set anew, so that none is late. Time that passes in the kernel otherwise (poll, sockets) is not
 * touched: nothing of the daemon waits there for long.
 *
 * An alarm clock that wakes the machine is there if TR069_TEST_ALARM names a file: it gets in how many
 * milliseconds it is to go off, as it was set last; 0: never. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { TIMERS_MAX = 16, PLACES = 20 };

struct timer {
    int fd; /* -1: none */
    int flags;
    struct itimerspec asked;
};

static struct timer timers[TIMERS_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t seen_ms;
static int clock_file = -1;
static int (*real_gettime)(clockid_t, struct timespec *);
static int alarm_fd = -1, alarm_file = -1;
static int (*real_create)(int, int);
static int (*real_settime)(int, int, const struct itimerspec *, struct itimerspec *);

/* ISO C knows no conversion from an object pointer to a function. */
static void find(const char *name, void *ret_function) {
    *(void **) ret_function = dlsym(RTLD_NEXT, name);
    if (*(void **) ret_function == NULL) {
        abort();
    }
}

__attribute__((constructor)) static void prepare(void) {
    find("clock_gettime", &real_gettime);
    find("timerfd_create", &real_create);
    find("timerfd_settime", &real_settime);
    for (int i = 0; i < TIMERS_MAX; i++) {
        timers[i].fd = -1;
    }
    const char *path = getenv("TR069_TEST_CLOCK");
    if (path != NULL) {
        clock_file = open(path, O_RDONLY | O_CLOEXEC);
    }
}

enum number { MONOTONIC, WALL, SLEPT, NUMBERS };

static int64_t ahead_ms(enum number number) {
    char text[NUMBERS * (PLACES + 1)] = {0};
    if (clock_file < 0 || pread(clock_file, text, sizeof text - 1, 0) < (ssize_t) sizeof text - 1) {
        return 0;
    }
    return strtoll(text + (size_t) number * (PLACES + 1), NULL, 10);
}

static void add_ms(struct timespec *t, int64_t ms) {
    int64_t ns = (int64_t) t->tv_nsec + ms % 1000 * 1000000;
    t->tv_sec += (time_t) (ms / 1000 + ns / 1000000000);
    t->tv_nsec = (long) (ns % 1000000000);
    if (t->tv_nsec < 0) {
        t->tv_nsec += 1000000000;
        t->tv_sec--;
    }
}

static int set_timer(const struct timer *timer, struct itimerspec *old) {
    struct itimerspec when = timer->asked;
    if ((timer->flags & TFD_TIMER_ABSTIME) != 0 &&
        (when.it_value.tv_sec != 0 || when.it_value.tv_nsec != 0)) {
        add_ms(&when.it_value, -seen_ms);
        if (when.it_value.tv_sec < 0 || (when.it_value.tv_sec == 0 && when.it_value.tv_nsec == 0)) {
            when.it_value = (struct timespec){.tv_nsec = 1}; /* over already */
        }
    }
    return real_settime(timer->fd, timer->flags, &when, old);
}

/* The clock was put forward since: the timers with it. Called with the lock held. */
static void notice(void) {
    int64_t ahead = ahead_ms(MONOTONIC);
    if (ahead == seen_ms) {
        return;
    }
    seen_ms = ahead;
    for (int i = 0; i < TIMERS_MAX; i++) {
        if (timers[i].fd >= 0) {
            (void) set_timer(&timers[i], NULL);
        }
    }
}

int clock_gettime(clockid_t id, struct timespec *t) {
    if (real_gettime == NULL) { /* another constructor came first */
        prepare();
    }
    int result = real_gettime(id, t);
    if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        add_ms(t, ahead_ms(WALL));
    } else if (result == 0 && id != CLOCK_PROCESS_CPUTIME_ID && id != CLOCK_THREAD_CPUTIME_ID) {
        (void) pthread_mutex_lock(&lock);
        notice();
        add_ms(t, seen_ms - (id == CLOCK_BOOTTIME ? 0 : ahead_ms(SLEPT)));
        (void) pthread_mutex_unlock(&lock);
    }
    return result;
}

time_t time(time_t *ret_time) {
    struct timespec t = {0};
    (void) clock_gettime(CLOCK_REALTIME, &t);
    if (ret_time != NULL) {
        *ret_time = t.tv_sec;
    }
    return t.tv_sec;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone) {
    struct timespec t = {0};
    (void) zone;
    int result = clock_gettime(CLOCK_REALTIME, &t);
    *tv = (struct timeval){.tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000};
    return result;
}

/* The real one may be there or not, and may be allowed or not. */
int timerfd_create(int clock, int flags) {
    if (clock != CLOCK_BOOTTIME_ALARM) {
        return real_create(clock, flags);
    }
    const char *path = getenv("TR069_TEST_ALARM");
    if (path == NULL || path[0] == '\0') {
        errno = EPERM;
        return -1;
    }
    alarm_file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    alarm_fd = real_create(CLOCK_BOOTTIME, flags);
    return alarm_fd;
}

/* Called with the lock held. */
static void note_alarm(const struct itimerspec *value) {
    char text[PLACES + 2];
    struct timespec now = {0};
    int64_t ms = 0;
    if (value->it_value.tv_sec != 0 || value->it_value.tv_nsec != 0) {
        (void) real_gettime(CLOCK_BOOTTIME, &now);
        ms = ((int64_t) value->it_value.tv_sec - now.tv_sec) * 1000 +
             (value->it_value.tv_nsec - now.tv_nsec) / 1000000 - seen_ms;
    }
    (void) snprintf(text, sizeof text, "%020lld\n", (long long) ms);
    if (pwrite(alarm_file, text, PLACES + 1, 0) != PLACES + 1) {
        abort();
    }
}

int timerfd_settime(int fd, int flags, const struct itimerspec *value, struct itimerspec *old) {
    struct timer *slot = NULL;
    (void) pthread_mutex_lock(&lock);
    notice();
    if (fd == alarm_fd) {
        note_alarm(value);
    }
    for (int i = 0; i < TIMERS_MAX && (slot == NULL || slot->fd != fd); i++) {
        if (timers[i].fd == fd || (slot == NULL && timers[i].fd < 0)) {
            slot = &timers[i];
        }
    }
    int result = -1;
    if (slot != NULL) {
        *slot = (struct timer){.fd = fd, .flags = flags, .asked = *value};
        result = set_timer(slot, old);
    }
    (void) pthread_mutex_unlock(&lock);
    return result;
}
