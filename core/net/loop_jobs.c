/* Worker threads for slow work that is neither a child process nor a transfer: at most two, made when
 * first needed, asleep on a condition otherwise. */
#include <config.h>

#include "net/loop_internal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum { WORKERS = 2, WAITING_MAX = 64 };

struct job {
    void (*work)(void *user);
    void (*done)(void *user);
    void *user;
    struct job *next;
};

struct job_list {
    struct job *first, **last;
};

struct jobs {
    pthread_mutex_t lock;
    pthread_cond_t more, ended;
    pthread_t threads[WORKERS];
    size_t thread_count;
    size_t idle;
    struct job_list waiting, finished;
    size_t waiting_count, running_count;
    bool stop;
    void (*wake)(void *user);
    void *user;
};

static void list_add(struct job_list *list, struct job *job) {
    job->next = NULL;
    *list->last = job;
    list->last = &job->next;
}

static struct job *list_take(struct job_list *list) {
    struct job *job = list->first;
    if (job != NULL) {
        list->first = job->next;
        if (list->first == NULL) {
            list->last = &list->first;
        }
    }
    return job;
}

static void *worker(void *argument) {
    struct jobs *jobs = argument;
    (void) pthread_mutex_lock(&jobs->lock);
    while (!jobs->stop) {
        struct job *job = list_take(&jobs->waiting);
        if (job == NULL) {
            jobs->idle++;
            (void) pthread_cond_wait(&jobs->more, &jobs->lock);
            jobs->idle--;
            continue;
        }
        jobs->waiting_count--;
        jobs->running_count++;
        (void) pthread_mutex_unlock(&jobs->lock);
        job->work(job->user);
        (void) pthread_mutex_lock(&jobs->lock);
        jobs->running_count--;
        (void) pthread_cond_signal(&jobs->ended);
        list_add(&jobs->finished, job);
        jobs->wake(jobs->user);
    }
    (void) pthread_mutex_unlock(&jobs->lock);
    return NULL;
}

int thread_new(void *(*run)(void *user), void *user, pthread_t *ret_thread) {
    sigset_t all, before;
    (void) sigfillset(&all);
    (void) pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(ret_thread, NULL, run, user);
    (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -error;
}

static int start_worker(struct jobs *jobs) {
    int r = thread_new(worker, jobs, &jobs->threads[jobs->thread_count]);
    if (r == 0) {
        jobs->thread_count++;
    }
    return r;
}

int jobs_new(void (*wake)(void *user), void *user, struct jobs **ret_jobs) {
    struct jobs *jobs = calloc(1, sizeof *jobs);
    if (jobs == NULL) {
        return -ENOMEM;
    }
    jobs->waiting.last = &jobs->waiting.first;
    jobs->finished.last = &jobs->finished.first;
    jobs->wake = wake;
    jobs->user = user;
    (void) pthread_mutex_init(&jobs->lock, NULL);
    (void) pthread_cond_init(&jobs->more, NULL);
    pthread_condattr_t monotonic;
    (void) pthread_condattr_init(&monotonic);
    (void) pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void) pthread_cond_init(&jobs->ended, &monotonic);
    (void) pthread_condattr_destroy(&monotonic);
    *ret_jobs = jobs;
    return 0;
}

static void list_free(struct job_list *list) {
    struct job *job;
    while ((job = list_take(list)) != NULL) {
        free(job);
    }
}

void jobs_free(struct jobs *jobs) {
    if (jobs == NULL) {
        return;
    }
    (void) pthread_mutex_lock(&jobs->lock);
    jobs->stop = true;
    (void) pthread_cond_broadcast(&jobs->more);
    (void) pthread_mutex_unlock(&jobs->lock);
    for (size_t i = 0; i < jobs->thread_count; i++) {
        (void) pthread_join(jobs->threads[i], NULL);
    }
    list_free(&jobs->waiting);
    list_free(&jobs->finished);
    (void) pthread_cond_destroy(&jobs->more);
    (void) pthread_cond_destroy(&jobs->ended);
    (void) pthread_mutex_destroy(&jobs->lock);
    free(jobs);
}

int jobs_add(struct jobs *jobs, void (*work)(void *user), void (*done)(void *user), void *user) {
    struct job *job = malloc(sizeof *job);
    if (job == NULL) {
        return -ENOMEM;
    }
    *job = (struct job){.work = work, .done = done, .user = user};
    int result = 0;
    (void) pthread_mutex_lock(&jobs->lock);
    if (jobs->waiting_count >= WAITING_MAX) {
        result = -EAGAIN;
    } else if (jobs->idle <= jobs->waiting_count && jobs->thread_count < WORKERS) {
        result = start_worker(jobs);
        if (jobs->thread_count > 0) {
            result = 0; /* one is enough to go on */
        }
    }
    if (result == 0) {
        list_add(&jobs->waiting, job);
        jobs->waiting_count++;
        (void) pthread_cond_signal(&jobs->more);
    }
    (void) pthread_mutex_unlock(&jobs->lock);
    if (result != 0) {
        free(job);
    }
    return result;
}

bool jobs_finish(struct jobs *jobs) {
    (void) pthread_mutex_lock(&jobs->lock);
    struct job_list finished = jobs->finished;
    jobs->finished.first = NULL;
    jobs->finished.last = &jobs->finished.first;
    (void) pthread_mutex_unlock(&jobs->lock);
    bool any = finished.first != NULL;
    struct job *job = finished.first;
    while (job != NULL) {
        struct job *next = job->next;
        if (job->done != NULL) {
            job->done(job->user);
        }
        free(job);
        job = next;
    }
    return any;
}

bool jobs_drain(struct jobs *jobs, unsigned ms) {
    struct timespec until;
    int error = 0;
    (void) clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long) (ms % 1000) * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void) pthread_mutex_lock(&jobs->lock);
    while (jobs->waiting_count + jobs->running_count > 0 && error == 0) {
        error = pthread_cond_timedwait(&jobs->ended, &jobs->lock, &until);
    }
    bool ended = jobs->waiting_count + jobs->running_count == 0;
    (void) pthread_mutex_unlock(&jobs->lock);
    (void) jobs_finish(jobs);
    return ended;
}
