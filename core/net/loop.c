/* The loop: one epoll descriptor for everything that is watched, inside curl_multi_poll(), which waits
 * for libcurl's own sockets too. Idle means asleep: no timer ticks that nobody asked for. */
#include <config.h>

#include "net/loop_internal.h"

#include "base/clock.h"

#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <tr069/plugin.h>
#include <unistd.h>

enum { EVENTS_PER_TURN = 32, SIGNALS_PER_TURN = 8, TIMERS_SPARE = 8, TIMERS_ROOM = 64 };

struct tr069_watch {
    int fd;
    bool dead;
    void (*call)(void *user, int fd, int what);
    void *user;
    struct tr069_watch *next, *previous; /* of all that live, or next only of the dead */
};

struct tr069_timer {
    uint64_t due_ms;
    uint64_t order; /* timers of the same instant fire in the order in which they were made */
    size_t place;   /* in the heap */
    void (*call)(void *user);
    void *user;
};

struct loop_listener {
    int signal_number;
    bool dead;
    void (*call)(void *user, int signal_number);
    void *user;
    struct loop_listener *next;
};

struct transfer {
    CURL *easy;
    void (*done)(void *user, int code);
    void *user;
    struct transfer *next;
};

struct loop {
    CURLM *multi;         /* NULL until loop_libcurl() */
    pthread_t setting_up; /* sets up libcurl */
    bool is_setting_up;
    CURLcode set_up; /* what came of it */
    struct jobs *jobs;
    int epoll_fd, timer_fd, signal_fd;
    bool stop;
    bool did_something;
    void (*turn)(void *user);
    void *turn_user;

    struct tr069_watch *watches, *dead_watches;
    struct tr069_watch timer_watch, signal_watch;

    struct tr069_timer **heap;
    size_t timer_count, timer_room;
    struct tr069_timer *spare[TIMERS_SPARE]; /* for when there is no memory */
    size_t spares;
    uint64_t timer_order;
    uint64_t armed_ms; /* what the timerfd is set to; UINT64_MAX = disarmed */

    sigset_t signals, signals_added;
    struct loop_listener *listeners;
    bool listeners_busy;

    struct transfer *transfers;
    struct loop_guest *guests;
};

uint64_t loop_now_ms(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_BOOTTIME, &now) != 0) {
        (void) clock_gettime(CLOCK_MONOTONIC, &now);
    }
    return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

/* ---- timers ------------------------------------------------------------------------------------ */

static bool earlier(const struct tr069_timer *a, const struct tr069_timer *b) {
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void heap_put(struct loop *loop, size_t place, struct tr069_timer *timer) {
    loop->heap[place] = timer;
    timer->place = place;
}

static void heap_up(struct loop *loop, struct tr069_timer *timer) {
    size_t place = timer->place;
    while (place > 0 && earlier(timer, loop->heap[(place - 1) / 2])) {
        heap_put(loop, place, loop->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    heap_put(loop, place, timer);
}

static void heap_down(struct loop *loop, struct tr069_timer *timer) {
    size_t place = timer->place;
    for (;;) {
        size_t child = 2 * place + 1;
        if (child + 1 < loop->timer_count && earlier(loop->heap[child + 1], loop->heap[child])) {
            child++;
        }
        if (child >= loop->timer_count || !earlier(loop->heap[child], timer)) {
            break;
        }
        heap_put(loop, place, loop->heap[child]);
        place = child;
    }
    heap_put(loop, place, timer);
}

static void heap_remove(struct loop *loop, struct tr069_timer *timer) {
    struct tr069_timer *last = loop->heap[--loop->timer_count];
    if (last != timer) {
        heap_put(loop, timer->place, last);
        heap_up(loop, last);
        heap_down(loop, last);
    }
}

static int heap_grow(struct loop *loop, size_t room) {
    struct tr069_timer **heap = realloc(loop->heap, room * sizeof(*heap));
    if (heap == NULL) {
        return -ENOMEM;
    }
    loop->heap = heap;
    loop->timer_room = room;
    return 0;
}

/* What a client without memory needs to go on: the timers of its sessions. */
static int set_aside(struct loop *loop) {
    while (loop->spares < TIMERS_SPARE) {
        loop->spare[loop->spares] = malloc(sizeof *loop->spare[0]);
        if (loop->spare[loop->spares] == NULL) {
            return -ENOMEM;
        }
        loop->spares++;
    }
    return heap_grow(loop, TIMERS_ROOM);
}

int loop_timer(struct loop *loop, uint64_t ms, void (*call)(void *user), void *user,
               struct tr069_timer **ret_timer) {
    if (loop->timer_count == loop->timer_room && heap_grow(loop, loop->timer_room * 2) < 0) {
        return -ENOMEM;
    }
    struct tr069_timer *timer = malloc(sizeof *timer);
    if (timer == NULL && loop->spares > 0) {
        timer = loop->spare[--loop->spares];
    }
    if (timer == NULL) {
        return -ENOMEM;
    }
    uint64_t now = loop_now_ms();
    const uint64_t far = (uint64_t) INT64_MAX / 1000; /* so that no later sum can overflow */
    *timer = (struct tr069_timer){.due_ms = ms > far - now ? far : now + ms,
                                  .order = loop->timer_order++,
                                  .place = loop->timer_count,
                                  .call = call,
                                  .user = user};
    loop->timer_count++;
    heap_up(loop, timer);
    if (ret_timer != NULL) {
        *ret_timer = timer;
    }
    return 0;
}

static void give_back(struct loop *loop, struct tr069_timer *timer) {
    heap_remove(loop, timer);
    if (loop->spares < TIMERS_SPARE) {
        loop->spare[loop->spares++] = timer;
    } else {
        free(timer);
    }
}

void loop_timer_cancel(struct loop *loop, struct tr069_timer *timer) {
    if (timer != NULL) {
        give_back(loop, timer);
    }
}

/* Only timers that were there when the turn began, so that one that renews itself with 0 ms does not
 * starve the rest. */
static void run_timers(struct loop *loop) {
    if (loop->timer_count == 0) {
        return;
    }
    uint64_t now = loop_now_ms();
    uint64_t end = loop->timer_order;
    while (loop->timer_count > 0) {
        struct tr069_timer *timer = loop->heap[0];
        if (timer->due_ms > now || timer->order >= end) {
            break;
        }
        void (*call)(void *user) = timer->call;
        void *user = timer->user;
        give_back(loop, timer);
        loop->did_something = true;
        call(user);
    }
}

/* *ret_wait: how long to wait for events, 0 when a timer is due already. */
static int arm(struct loop *loop, int *ret_wait) {
    uint64_t due = loop->timer_count > 0 ? loop->heap[0]->due_ms : UINT64_MAX;
    *ret_wait = due <= loop_now_ms() ? 0 : INT_MAX;
    if (due == loop->armed_ms || *ret_wait == 0) {
        return 0;
    }
    struct itimerspec when = {0};
    if (due != UINT64_MAX) {
        when.it_value = clock_timespec(due);
    }
    if (timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &when, NULL) != 0) {
        return -errno;
    }
    loop->armed_ms = due;
    return 0;
}

static void timer_ready(void *user, int fd, int what) {
    struct loop *loop = user;
    uint64_t count;
    (void) what;
    if (read(fd, &count, sizeof count) == (ssize_t) sizeof count) {
        loop->armed_ms = UINT64_MAX; /* it has fired; run_timers() follows in this turn */
    }
}

/* ---- descriptors ------------------------------------------------------------------------------- */

static int epoll_add(struct loop *loop, struct tr069_watch *watch, int what) {
    struct epoll_event event = {.events = 0, .data.ptr = watch};
    if ((what & TR069_READABLE) != 0) {
        event.events |= EPOLLIN | EPOLLRDHUP;
    }
    if ((what & TR069_WRITABLE) != 0) {
        event.events |= EPOLLOUT;
    }
    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) == 0 ? 0 : -errno;
}

int loop_watch(struct loop *loop, int fd, int what, void (*call)(void *user, int fd, int what), void *user,
               struct tr069_watch **ret_watch) {
    if ((what & (TR069_READABLE | TR069_WRITABLE)) == 0) {
        return -EINVAL;
    }
    struct tr069_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) {
        return -ENOMEM;
    }
    *watch = (struct tr069_watch){.fd = fd, .call = call, .user = user, .next = loop->watches};
    int result = epoll_add(loop, watch, what);
    if (result < 0) {
        free(watch);
        return result;
    }
    if (watch->next != NULL) {
        watch->next->previous = watch;
    }
    loop->watches = watch;
    if (ret_watch != NULL) {
        *ret_watch = watch;
    }
    return 0;
}

static bool watched(const struct loop *loop, int fd) {
    for (const struct tr069_watch *watch = loop->watches; watch != NULL; watch = watch->next) {
        if (watch->fd == fd) {
            return true;
        }
    }
    return false;
}

void loop_unwatch(struct loop *loop, struct tr069_watch *watch) {
    if (watch == NULL || watch->dead) {
        return;
    }
    *(watch->previous != NULL ? &watch->previous->next : &loop->watches) = watch->next;
    if (watch->next != NULL) {
        watch->next->previous = watch->previous;
    }
    /* Who closed the descriptor first may see its number again in another watch: leave that one. */
    if (!watched(loop, watch->fd)) {
        (void) epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    }
    watch->dead = true; /* an event for it may be in the batch at hand */
    watch->next = loop->dead_watches;
    loop->dead_watches = watch;
}

static void bury(struct loop *loop) {
    while (loop->dead_watches != NULL) {
        struct tr069_watch *watch = loop->dead_watches;
        loop->dead_watches = watch->next;
        free(watch);
    }
}

static int what_of(uint32_t events) {
    int what = 0;
    if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) {
        what |= TR069_READABLE;
    }
    if ((events & EPOLLOUT) != 0) {
        what |= TR069_WRITABLE;
    }
    /* An end or an error is found out by reading or writing. */
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
        what |= TR069_READABLE | TR069_WRITABLE;
    }
    return what;
}

static int run_watches(struct loop *loop) {
    struct epoll_event events[EVENTS_PER_TURN];
    int count = epoll_wait(loop->epoll_fd, events, EVENTS_PER_TURN, 0);
    if (count < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    for (int i = 0; i < count; i++) {
        struct tr069_watch *watch = events[i].data.ptr;
        if (!watch->dead) {
            if (watch != &loop->timer_watch) {
                loop->did_something = true;
            }
            watch->call(watch->user, watch->fd, what_of(events[i].events));
        }
    }
    return 0;
}

/* ---- signals ----------------------------------------------------------------------------------- */

static void free_dead_listeners(struct loop *loop) {
    struct loop_listener **at = &loop->listeners;
    while (*at != NULL) {
        struct loop_listener *listener = *at;
        if (listener->dead) {
            *at = listener->next;
            free(listener);
        } else {
            at = &listener->next;
        }
    }
}

static void signal_ready(void *user, int fd, int what) {
    struct loop *loop = user;
    struct signalfd_siginfo infos[SIGNALS_PER_TURN];
    (void) what;
    ssize_t length = read(fd, infos, sizeof infos);
    loop->listeners_busy = true;
    for (size_t i = 0; length > 0 && i < (size_t) length / sizeof infos[0]; i++) {
        for (struct loop_listener *at = loop->listeners; at != NULL; at = at->next) {
            if (!at->dead && at->signal_number == (int) infos[i].ssi_signo) {
                at->call(at->user, at->signal_number);
            }
        }
    }
    loop->listeners_busy = false;
    free_dead_listeners(loop);
}

static int open_signals(struct loop *loop) {
    int fd = signalfd(loop->signal_fd, &loop->signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) {
        return -errno;
    }
    if (loop->signal_fd < 0) {
        loop->signal_fd = fd;
        loop->signal_watch = (struct tr069_watch){.fd = fd, .call = signal_ready, .user = loop};
        return epoll_add(loop, &loop->signal_watch, TR069_READABLE);
    }
    return 0;
}

int loop_listen(struct loop *loop, int signal_number, void (*call)(void *user, int signal_number), void *user,
                struct loop_listener **ret_listener) {
    sigset_t one, before;
    struct loop_listener *listener = malloc(sizeof *listener);
    if (listener == NULL) {
        return -ENOMEM;
    }
    (void) sigemptyset(&one);
    if (sigaddset(&one, signal_number) != 0) {
        free(listener);
        return -EINVAL;
    }
    if (sigismember(&loop->signals, signal_number) == 0) {
        (void) sigaddset(&loop->signals, signal_number);
        int result = open_signals(loop);
        if (result < 0) {
            (void) sigdelset(&loop->signals, signal_number);
            free(listener);
            return result;
        }
        (void) pthread_sigmask(SIG_BLOCK, &one, &before);
        if (sigismember(&before, signal_number) == 0) {
            (void) sigaddset(&loop->signals_added, signal_number);
        }
    }
    *listener = (struct loop_listener){
        .signal_number = signal_number, .call = call, .user = user, .next = loop->listeners};
    loop->listeners = listener;
    *ret_listener = listener;
    return 0;
}

void loop_unlisten(struct loop *loop, struct loop_listener *listener) {
    if (listener != NULL) {
        listener->dead = true;
        if (!loop->listeners_busy) {
            free_dead_listeners(loop);
        }
    }
}

int loop_signal(struct loop *loop, int signal_number, void (*call)(void *user, int signal_number),
                void *user) {
    struct loop_listener *listener;
    return loop_listen(loop, signal_number, call, user, &listener);
}

/* ---- libcurl ----------------------------------------------------------------------------------- */

/* A third of a millisecond on a PC, most of it for OpenSSL, which comes with what libcurl can do besides
 * HTTP. */
static void *set_up_libcurl(void *user) {
    struct loop *loop = user;
    loop->set_up = curl_global_init(CURL_GLOBAL_DEFAULT);
    return NULL;
}

static void wait_for_libcurl(struct loop *loop) {
    if (loop->is_setting_up) {
        (void) pthread_join(loop->setting_up, NULL);
        loop->is_setting_up = false;
    }
}

int loop_libcurl(struct loop *loop) {
    wait_for_libcurl(loop);
    if (loop->multi == NULL && loop->set_up == CURLE_OK) {
        loop->multi = curl_multi_init();
    }
    return loop->multi != NULL ? 0 : -ENOMEM;
}

int loop_curl_add(struct loop *loop, void *easy, void (*done)(void *user, int code), void *user) {
    struct transfer *transfer = loop_libcurl(loop) == 0 ? malloc(sizeof *transfer) : NULL;
    if (transfer == NULL) {
        return -ENOMEM;
    }
    CURLMcode code = curl_multi_add_handle(loop->multi, easy);
    if (code != CURLM_OK) {
        free(transfer);
        return code == CURLM_OUT_OF_MEMORY ? -ENOMEM : code == CURLM_ADDED_ALREADY ? -EBUSY : -EINVAL;
    }
    *transfer = (struct transfer){.easy = easy, .done = done, .user = user, .next = loop->transfers};
    loop->transfers = transfer;
    return 0;
}

static bool forget_transfer(struct loop *loop, CURL *easy, struct transfer *ret_transfer) {
    for (struct transfer **at = &loop->transfers; *at != NULL; at = &(*at)->next) {
        if ((*at)->easy == easy) {
            struct transfer *transfer = *at;
            *at = transfer->next;
            *ret_transfer = *transfer;
            free(transfer);
            return true;
        }
    }
    return false;
}

void loop_curl_remove(struct loop *loop, void *easy) {
    struct transfer transfer;
    if (forget_transfer(loop, easy, &transfer)) {
        (void) curl_multi_remove_handle(loop->multi, easy);
    }
}

static void run_transfers(struct loop *loop) {
    int running, left;
    const CURLMsg *message;
    if (loop->transfers == NULL) {
        return;
    }
    (void) curl_multi_perform(loop->multi, &running);
    while ((message = curl_multi_info_read(loop->multi, &left)) != NULL) {
        struct transfer transfer;
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result; /* the message is gone with the next call */
        if (message->msg == CURLMSG_DONE && forget_transfer(loop, easy, &transfer)) {
            (void) curl_multi_remove_handle(loop->multi, easy);
            loop->did_something = true;
            transfer.done(transfer.user, (int) code);
        }
    }
}

/* ---- the whole --------------------------------------------------------------------------------- */

void loop_wake(struct loop *loop) {
    (void) curl_multi_wakeup(loop->multi);
}

int loop_job(struct loop *loop, void (*work)(void *user), void (*done)(void *user), void *user) {
    int r = loop_libcurl(loop); /* the worker wakes us by it */
    return r == 0 ? jobs_add(loop->jobs, work, done, user) : r;
}

bool loop_finish_jobs(struct loop *loop, unsigned ms) {
    return jobs_drain(loop->jobs, ms);
}

/* On a worker's thread. */
static void wake(void *user) {
    struct loop *loop = user;
    (void) curl_multi_wakeup(loop->multi);
}

void loop_enter(struct loop *loop, struct loop_guest *guest) {
    guest->previous = NULL;
    guest->next = loop->guests;
    if (guest->next != NULL) {
        guest->next->previous = guest;
    }
    loop->guests = guest;
}

void loop_leave(struct loop *loop, struct loop_guest *guest) {
    *(guest->previous != NULL ? &guest->previous->next : &loop->guests) = guest->next;
    if (guest->next != NULL) {
        guest->next->previous = guest->previous;
    }
}

/* A peer or child that is gone must be an error of write(), not our end. */
static void ignore_sigpipe(void) {
    struct sigaction action;
    if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
        action.sa_handler = SIG_IGN;
        (void) sigaction(SIGPIPE, &action, NULL);
    }
}

int loop_new(struct loop **ret_loop) {
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        return -ENOMEM;
    }
    loop->is_setting_up = thread_new(set_up_libcurl, loop, &loop->setting_up) == 0;
    if (!loop->is_setting_up) {
        (void) set_up_libcurl(loop);
    }
    loop->armed_ms = UINT64_MAX;
    loop->signal_fd = -1;
    (void) sigemptyset(&loop->signals);
    (void) sigemptyset(&loop->signals_added);
    ignore_sigpipe();
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    int result = loop->epoll_fd < 0 || loop->timer_fd < 0 ? -errno : 0;
    if (result == 0) {
        loop->timer_watch = (struct tr069_watch){.fd = loop->timer_fd, .call = timer_ready, .user = loop};
        result = epoll_add(loop, &loop->timer_watch, TR069_READABLE);
    }
    if (result == 0) {
        result = jobs_new(wake, loop, &loop->jobs);
    }
    if (result == 0) {
        result = set_aside(loop);
    }
    if (result < 0) {
        loop_free(loop);
        return result;
    }
    *ret_loop = loop;
    return 0;
}

static void free_transfers(struct loop *loop) {
    while (loop->transfers != NULL) {
        loop_curl_remove(loop, loop->transfers->easy);
    }
    if (loop->multi != NULL) {
        (void) curl_multi_cleanup(loop->multi);
    }
}

void loop_free(struct loop *loop) {
    if (loop == NULL) {
        return;
    }
    jobs_free(loop->jobs);
    loop->jobs = NULL;
    while (loop->guests != NULL) {
        loop->guests->end(loop->guests);
    }
    free_transfers(loop);
    while (loop->watches != NULL) {
        loop_unwatch(loop, loop->watches);
    }
    bury(loop);
    for (size_t i = 0; i < loop->timer_count; i++) {
        free(loop->heap[i]);
    }
    free(loop->heap);
    while (loop->spares > 0) {
        free(loop->spare[--loop->spares]);
    }
    for (struct loop_listener *at = loop->listeners; at != NULL; at = at->next) {
        at->dead = true;
    }
    free_dead_listeners(loop);
    const int fds[] = {loop->signal_fd, loop->timer_fd, loop->epoll_fd};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (fds[i] >= 0) {
            (void) close(fds[i]);
        }
    }
    (void) pthread_sigmask(SIG_UNBLOCK, &loop->signals_added, NULL);
    wait_for_libcurl(loop);
    if (loop->set_up == CURLE_OK) {
        curl_global_cleanup();
    }
    free(loop);
}

static int turn(struct loop *loop) {
    /* curl_multi_poll() reports nothing of a hang-up on a descriptor of ours, and would spin: so it
     * gets the epoll descriptor only, which is readable then. */
    struct curl_waitfd wait = {.fd = loop->epoll_fd, .events = CURL_WAIT_POLLIN};
    int ms = 0;
    int result = arm(loop, &ms);
    if (result < 0) {
        return result;
    }
    loop->did_something = false;
    if (curl_multi_poll(loop->multi, &wait, 1, ms, NULL) != CURLM_OK) {
        return -EIO;
    }
    if (wait.revents != 0) {
        result = run_watches(loop);
    }
    run_transfers(loop);
    run_timers(loop);
    if (jobs_finish(loop->jobs)) {
        loop->did_something = true;
    }
    bury(loop);
    if (loop->did_something && loop->turn != NULL) {
        loop->turn(loop->turn_user);
    }
    return result;
}

int loop_run(struct loop *loop) {
    int result = loop_libcurl(loop);
    loop->stop = false;
    while (!loop->stop && result == 0) {
        result = turn(loop);
    }
    return result;
}

void loop_stop(struct loop *loop) {
    loop->stop = true;
}

void loop_on_turn(struct loop *loop, void (*call)(void *user), void *user) {
    loop->turn = call;
    loop->turn_user = user;
}
