/* The time that a process is told: the true one and so many seconds, which a file says.
 * Nothing is allocated here, for an allocator asks for the time when it begins. Whoever waits
 * until a moment that it was told waits as long as on a machine whose clock says that. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static const int64_t none = 0;
static _Atomic(const volatile int64_t *) shift;

static const volatile int64_t *opened(void)
{
	const char *path = getenv("DISPLACED_CLOCK");
	int file = path ? open(path, O_RDONLY) : -1;
	if (file < 0)
		return &none;
	void *seconds = mmap(NULL, sizeof(none), PROT_READ, MAP_SHARED, file, 0);
	close(file);
	return seconds == MAP_FAILED ? &none : seconds;
}

static int64_t seconds(void)
{
	/* While the process begins it has no environment yet. */
	if (!environ)
		return 0;
	if (!shift)
		shift = opened();
	return *shift;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int failed = syscall(SYS_clock_gettime, clock, now);
	if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		now->tv_sec += seconds();
	return failed;
}

int gettimeofday(struct timeval *now, void *zone)
{
	int failed = syscall(SYS_gettimeofday, now, zone);
	if (!failed)
		now->tv_sec += seconds();
	return failed;
}

time_t time(time_t *now)
{
	struct timespec moment = {0};
	clock_gettime(CLOCK_REALTIME, &moment);
	if (now)
		*now = moment.tv_sec;
	return moment.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t *heard, pthread_mutex_t *lock, const struct timespec *until)
{
	/* Moments of the other clock count from the machine's start: they are small, and true. */
	const time_t longer_than_machines_run = 1000000000;
	struct timespec moment = *until;
	if (moment.tv_sec < longer_than_machines_run)
		return pthread_cond_clockwait(heard, lock, CLOCK_MONOTONIC, &moment);
	moment.tv_sec -= seconds();
	return pthread_cond_clockwait(heard, lock, CLOCK_REALTIME, &moment);
}

/* The C library's own call does not go through the one above. */
int cnd_timedwait(cnd_t *heard, mtx_t *lock, const struct timespec *until)
{
	switch (pthread_cond_timedwait((pthread_cond_t *)heard, (pthread_mutex_t *)lock, until)) {
	case 0:
		return thrd_success;
	case ETIMEDOUT:
		return thrd_timedout;
	default:
		return thrd_error;
	}
}
