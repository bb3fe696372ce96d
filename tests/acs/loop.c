/* The single wait of the test ACS: descriptors and timers over poll(2). */
#include <config.h>

#include "loop.h"

#include "util.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

struct watch {
    int fd;
    loop_call *call;
    void *user;
};

struct timer {
    struct timer *next;
    int64_t due;
    loop_call *call;
    void *user;
};

struct loop {
    struct pollfd *polled;
    struct watch *watches;
    size_t count;
    struct timer *timers; /* soonest first */
    bool stop;
};

struct loop *loop_new(void) {
    return must_alloc(sizeof(struct loop));
}

void loop_free(struct loop *loop) {
    if (loop == NULL) {
        return;
    }
    while (loop->timers != NULL) {
        loop_cancel(loop, loop->timers);
    }
    free(loop->polled);
    free(loop->watches);
    free(loop);
}

int64_t loop_now(void) {
    struct timespec now;
    (void) clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static size_t find(const struct loop *loop, int fd) {
    size_t i = 0;
    while (i < loop->count && loop->watches[i].fd != fd) {
        i++;
    }
    return i;
}

void loop_watch(struct loop *loop, int fd, short events, loop_call *call, void *user) {
    size_t i = find(loop, fd);
    if (i == loop->count) {
        loop->polled = must_grow(loop->polled, (i + 1) * sizeof *loop->polled);
        loop->watches = must_grow(loop->watches, (i + 1) * sizeof *loop->watches);
        loop->count++;
    }
    loop->polled[i] = (struct pollfd){.fd = fd, .events = events};
    loop->watches[i] = (struct watch){.fd = fd, .call = call, .user = user};
}

void loop_unwatch(struct loop *loop, int fd) {
    size_t i = find(loop, fd);
    if (i < loop->count) {
        loop->count--;
        loop->polled[i] = loop->polled[loop->count];
        loop->watches[i] = loop->watches[loop->count];
    }
}

struct timer *loop_after(struct loop *loop, unsigned ms, loop_call *call, void *user) {
    struct timer *timer = must_alloc(sizeof *timer);
    *timer = (struct timer){.due = loop_now() + ms, .call = call, .user = user};
    struct timer **at = &loop->timers;
    while (*at != NULL && (*at)->due <= timer->due) {
        at = &(*at)->next;
    }
    timer->next = *at;
    *at = timer;
    return timer;
}

void loop_cancel(struct loop *loop, struct timer *timer) {
    for (struct timer **at = &loop->timers; timer != NULL && *at != NULL; at = &(*at)->next) {
        if (*at == timer) {
            *at = timer->next;
            free(timer);
            return;
        }
    }
}

static void run_timers(struct loop *loop) {
    int64_t now = loop_now();
    while (loop->timers != NULL && loop->timers->due <= now && !loop->stop) {
        struct timer *timer = loop->timers;
        loop->timers = timer->next;
        loop_call *call = timer->call;
        void *user = timer->user;
        free(timer);
        call(user);
    }
}

/* A callback may change the watches: what fired is looked up again by descriptor. */
static void run_watches(struct loop *loop) {
    int fired[64];
    size_t count = 0;
    for (size_t i = 0; i < loop->count && count < 64; i++) {
        if (loop->polled[i].revents != 0) {
            fired[count++] = loop->polled[i].fd;
        }
    }
    for (size_t i = 0; i < count; i++) {
        size_t place = find(loop, fired[i]);
        if (place < loop->count && loop->polled[place].revents != 0) {
            loop->polled[place].revents = 0;
            loop->watches[place].call(loop->watches[place].user);
        }
    }
}

int loop_run(struct loop *loop, int (*each)(void *user), void *user) {
    while (!loop->stop) {
        int wait = each(user);
        if (loop->timers != NULL) {
            int64_t until = loop->timers->due - loop_now();
            until = until < 0 ? 0 : until;
            wait = wait < 0 || until < wait ? (int) until : wait;
        }
        int rc = poll(loop->polled, loop->count, loop->stop ? 0 : wait);
        if (rc < 0 && errno != EINTR) {
            return -errno;
        }
        run_timers(loop);
        if (rc > 0) {
            run_watches(loop);
        }
    }
    return 0;
}

void loop_stop(struct loop *loop) {
    loop->stop = true;
}

bool loop_stopped(const struct loop *loop) {
    return loop->stop;
}
