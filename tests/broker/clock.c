/* The time that a process is told: the true one and so many seconds, which a file says.
 * Nothing is allocated here, for an allocator asks for the time when it begins. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
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
